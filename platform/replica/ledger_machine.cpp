// The ledger as a shard's state machine.
#include "platform/ledger/ledger.hpp"
#include "platform/replica/state_machine.hpp"

namespace blackout::replica {
namespace {

class LedgerMachine final : public StateMachine {
 public:
  explicit LedgerMachine(const ledger::Rules& rules) : rules_(rules), ledger_(rules) {}

  [[nodiscard]] bool accepts(BytesView command, OperationId operation) const override {
    const auto decoded = ledger::view_command(command);
    return decoded && decoded->operation == operation;
  }

  [[nodiscard]] std::uint64_t claimed_time(BytesView command) const override {
    return ledger::view_command(command)->stamp.time;
  }

  bool apply(BytesView command, Bytes* answer) override {
    const auto decoded = ledger::view_command(command);
    CHECK(decoded.has_value(), "a committed entry does not decode");
    const ledger::Answer given = ledger_.apply(*decoded);
    if (answer != nullptr) ledger::encode(given, *answer);
    return given.duplicate;
  }

  [[nodiscard]] std::optional<Bytes> read(RequestKind kind, BytesView body) const override {
    Bytes answer;
    if (kind == RequestKind::read) {
      const std::string_view account(reinterpret_cast<const char*>(body.data()), body.size());
      ledger::encode(ledger_.read(account), answer);
      return answer;
    }
    if (kind == RequestKind::records) {
      const auto query = decode_records_query(body);
      if (!query) return std::nullopt;
      return replica::encode(ledger_.records().page(query->from, query->records_max));
    }
    const auto query = decode_page_query(body);
    if (!query) return std::nullopt;
    return replica::encode(ledger_.page(query->after, query->accounts_max));
  }

  [[nodiscard]] std::uint64_t checksum() const override { return ledger_.checksum(); }
  [[nodiscard]] audit::Checksums checksums() const override {
    const ledger::RangeChecksums& ranges = ledger_.range_checksums();
    return {ledger_.checksum(), {ranges.begin(), ranges.end()}};
  }
  void scrub(std::uint64_t parts) override {
    ledger_.scrub((ledger_.accounts() + ledger_.operations()) / parts + 1);
  }
  void encode(Bytes& state) const override { ledger_.encode(state); }
  bool decode(BytesView state) override {
    auto decoded = ledger::Ledger::decode(state, rules_);
    if (decoded) ledger_ = std::move(*decoded);
    return decoded.has_value();
  }
#ifdef BLACKOUT_PLANTED_BUGS
  [[nodiscard]] std::unique_ptr<StateMachine> clone() const override {
    return std::make_unique<LedgerMachine>(*this);
  }
  void forget_operations() override { ledger_.forget_operations(); }
  bool spoil(ledger::Spoilt what, std::uint64_t draw) override { return ledger_.spoil(what, draw); }
#endif

 private:
  ledger::Rules rules_;
  ledger::Ledger ledger_;
};

}  // namespace

std::unique_ptr<StateMachine> make_ledger(const ledger::Rules& rules) {
  return std::make_unique<LedgerMachine>(rules);
}

}  // namespace blackout::replica
