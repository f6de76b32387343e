// linearizable: by the order of commits as witness (exploration.md section 3, "witness first").
//
// The applied order, with every read put behind the entry it was served at, is one candidate for
// the total order. If the model of reports/record/history.hpp, replayed along it, gives every ok
// answer, and no operation stands before one that had completed when it was first sent, the history
// is linearizable: that is a proof, in O(n log n). If not, the order may merely be the wrong
// witness; the history is then called broken only on evidence that no order can explain (see
// answers.hpp), and unknown otherwise.
//
// Where the plan allows loss (rpo.max above 0), writes that were lost, and answers that saw one,
// are left out (ux.md, "Run"). O(n log n) in operations.
#include <algorithm>
#include <string_view>

#include "harness/check/answers.hpp"
#include "harness/check/checker.hpp"
#include "harness/check/final_state.hpp"

namespace blackout::check {
namespace {

// A key's account and records.
struct Account {
  std::uint64_t version = 0;
  std::int64_t balance = 0;
  std::uint64_t last = 0;
  // The operations whose values stand in its records; null: none.
  const record::Operation *status = nullptr, *profile = nullptr;
};

class Linearizable final : public Checker {
 public:
  explicit Linearizable(const Case& facts) : Checker(facts, "linearizable", {}) {}

  void finish() override {
    const FinalState state(facts_);
    const Answers answers(facts_, state);
    intern_keys();
    for (std::uint32_t s = 0; s < facts_.plan.shards.size() && why_not_.empty(); ++s) {
      replay(ShardId(s));
    }
    check_all_placed(answers);
    if (why_not_.empty()) return;
    if (const auto evidence = answers.contradiction()) {
      found(evidence->at, evidence->event, evidence->sentence, evidence->story);
    } else {
      undecided_ = true;
    }
  }

 private:
  void intern_keys() {
    const std::vector<record::Operation>& operations = facts_.history.operations;
    std::vector<std::string_view> keys;
    keys.reserve(operations.size());
    for (const record::Operation& operation : operations) {
      keys.push_back(operation.key);
      if (!operation.other_key.empty()) keys.push_back(operation.other_key);
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    const auto place = [&](std::string_view key) {
      return static_cast<std::uint32_t>(std::lower_bound(keys.begin(), keys.end(), key) -
                                        keys.begin());
    };
    for (const record::Operation& operation : operations) {
      key_.push_back(place(operation.key));
      other_key_.push_back(operation.other_key.empty() ? 0 : place(operation.other_key));
    }
    accounts_.resize(keys.size());
    placed_.resize(operations.size());
  }

  // Applies the entry by the model; false if the rules refuse it.
  bool apply(const record::Operation& operation) {
    const std::uint64_t id = operation.id.value();
    Account& account = accounts_[key_[id - 1]];
    const auto enter = [id](Account& to, std::int64_t amount) {
      ++to.version;
      to.balance += amount;
      to.last = id;
    };
    switch (operation.kind) {
      case record::OperationKind::get:
        return true;
      case record::OperationKind::cas:
        if (account.version != operation.expected_version) return false;
        enter(account, operation.amount);
        return true;
      case record::OperationKind::put:
        enter(account, operation.amount);
        return true;
      case record::OperationKind::status:
        return join(account.status, operation);
      case record::OperationKind::profile:
        return join(account.profile, operation);
      case record::OperationKind::transfer:
        break;
    }
    if (account.balance < operation.amount) return false;
    enter(account, -operation.amount);
    enter(accounts_[other_key_[id - 1]], operation.amount);
    return true;
  }

  static bool join(const record::Operation*& standing, const record::Operation& operation) {
    if (standing != nullptr && !stands_above(operation, *standing)) return false;
    standing = &operation;
    return true;
  }

  [[nodiscard]] bool agrees(const record::Operation& operation, bool applied) const {
    const Account& account = accounts_[key_[operation.id.value() - 1]];
    if (record::writes_record(operation.kind)) {
      const bool status = operation.kind == record::OperationKind::status;
      const record::Operation& standing = status ? *account.status : *account.profile;
      return operation.applied == applied && operation.version == standing.stamp &&
             operation.last_operation == standing.id;
    }
    return operation.applied == applied && operation.version == account.version &&
           operation.balance == account.balance && operation.last_operation.value() == account.last;
  }

  void replay(ShardId shard) {
    std::vector<ServedRead> reads;
    for (const ServedRead& read : facts_.order.reads()) {
      const record::Operation* operation = facts_.find(read.operation);
      if (operation != nullptr && read.shard == shard && read.at <= operation->completed &&
          operation->kind == record::OperationKind::get) {
        reads.push_back(read);
      }
    }
    std::sort(reads.begin(), reads.end(), [](const ServedRead& a, const ServedRead& b) {
      return std::tie(a.index, a.operation, a.at) < std::tie(b.index, b.operation, b.at);
    });
    latest_invoked_ = Instant(0);
    const std::vector<AppliedEntry>& applied = facts_.order.applied(shard);
    auto read = reads.begin();
    for (std::uint64_t index = 0; index <= applied.size(); ++index) {
      if (index > 0) place_entry(shard, applied[index - 1]);
      for (; read != reads.end() && read->index == index; ++read) {
        const record::Operation& operation = *facts_.find(read->operation);
        // An answer served twice counts where it agrees.
        if (!placed_[read->operation - 1] && agrees(operation, operation.applied)) place(operation);
      }
    }
  }

  void place_entry(ShardId shard, const AppliedEntry& entry) {
    const record::Operation* operation = facts_.find(entry.operation);
    if (operation == nullptr || operation->shard != shard || placed_[entry.operation - 1]) return;
    const bool applied = apply(*operation);
    if (operation->outcome == record::Outcome::fail && applied) {
      why_not_ = facts_.operation(entry.operation) + " failed and was applied";
    }
    if (operation->outcome != record::Outcome::ok) {
      placed_[entry.operation - 1] = true;
      return;
    }
    if (!agrees(*operation, applied)) {
      why_not_ = facts_.operation(entry.operation) + " was answered differently";
    }
    place(*operation);
  }

  void place(const record::Operation& operation) {
    placed_[operation.id.value() - 1] = true;
    ++checked_;
    if (operation.completed < latest_invoked_) {
      why_not_ = facts_.operation(operation.id.value()) + " is too late in the order";
    }
    latest_invoked_ = std::max(latest_invoked_, operation.invoked);
  }

  void check_all_placed(const Answers& answers) {
    for (const record::Operation& operation : facts_.history.operations) {
      if (operation.outcome != record::Outcome::ok || placed_[operation.id.value() - 1] ||
          answers.left_out(operation)) {
        continue;
      }
      why_not_ = facts_.operation(operation.id.value()) + " has no place in the order";
      return;
    }
  }

  std::vector<std::uint32_t> key_, other_key_;  // by operation - 1: places in accounts_
  std::vector<Account> accounts_;
  std::vector<bool> placed_;  // by operation - 1
  Instant latest_invoked_;    // of the operations placed in this shard
  std::string why_not_;       // why the order is no witness; empty while it is
};

}  // namespace

CheckerPtr linearizable(const Case& facts) { return std::make_unique<Linearizable>(facts); }

}  // namespace blackout::check
