// What a shard replicates: a machine that commands change, in the same order on every replica, and
// that requests read.
//
// A pure function of the commands applied: equal sequences give equal answers, checksums and
// encodings. Shards differ in nothing else, so that whatever a group decides, accounts or routes,
// is replicated, recovered and judged alike.
#pragma once

#include <memory>
#include <optional>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"
#include "platform/audit/audit.hpp"
#include "platform/ledger/rules.hpp"
#include "platform/replica/protocol.hpp"

namespace blackout::replica {

class StateMachine {
 public:
  virtual ~StateMachine() = default;

  // Whether `command` is one, under this id. No other is put into the log.
  [[nodiscard]] virtual bool accepts(BytesView command, OperationId operation) const = 0;
  // The hybrid time that an accepted command claims to be from; 0 for none. The machine believes
  // it, so that whoever puts it into the log must not where it is too far ahead.
  [[nodiscard]] virtual std::uint64_t claimed_time(BytesView command) const {
    static_cast<void>(command);
    return 0;
  }
  // A command that accepts() let pass on some replica, else CHECK. The answer is appended to
  // `answer`, unless that is null. True if it is a first answer again: nothing was applied this
  // time.
  virtual bool apply(BytesView command, Bytes* answer) = 0;
  // The answer to a read or a page; empty if `body` is malformed or the machine knows no such kind.
  [[nodiscard]] virtual std::optional<Bytes> read(RequestKind kind, BytesView body) const = 0;

  [[nodiscard]] virtual std::uint64_t checksum() const = 0;
  // The same, and by range of keys.
  [[nodiscard]] virtual audit::Checksums checksums() const { return {checksum(), {checksum()}}; }
  // Of `parts` calls together: brings checksums that are kept up with changes in line with what
  // memory holds by now.
  virtual void scrub(std::uint64_t parts) { static_cast<void>(parts); }
  virtual void encode(Bytes& state) const = 0;
  // Takes the place of the state. False, and nothing changed, for bytes that no encode() wrote.
  virtual bool decode(BytesView state) = 0;
#ifdef BLACKOUT_PLANTED_BUGS
  [[nodiscard]] virtual std::unique_ptr<StateMachine> clone() const = 0;
  // As if encode() left out who was answered.
  virtual void forget_operations() {}
  // Flips a bit in memory; `draw` says which. False if there is nothing of the kind.
  virtual bool spoil(ledger::Spoilt what, std::uint64_t draw) {
    static_cast<void>(what);
    static_cast<void>(draw);
    return false;
  }
#endif
};

std::unique_ptr<StateMachine> make_ledger(const ledger::Rules& rules);

}  // namespace blackout::replica
