// Safety and liveness under random schedules: clusters of three and five, messages lost, doubled
// and reordered, links cut, nodes that crash and lose what they did not persist. After the chaos
// the network heals, and the cluster must commit something new on every node.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "sim/random/stream.hpp"
#include "tests/platform/raft/cluster.hpp"

namespace blackout::raft {
namespace {

class RandomRun {
 public:
  explicit RandomRun(std::uint64_t seed) : RandomRun(seed, quick_config(seed)) {}
  RandomRun(std::uint64_t seed, Config model, std::size_t spares = 0)
      : stream_(random::Key(seed)), cluster_(seed % 2 == 0 ? 3 : 5, model, spares) {
    if (!model.leases) return;
    leases_.emplace(cluster_.size());
    cluster_.watch = [this](std::size_t node, const Output& output) { note(node, output); };
  }

  static Config quick_config(std::uint64_t seed) {
    Config config = Cluster::default_config();
    config.inflight_max = {1 + seed % 4, 40 * (1 + seed % 5)};
    config.batch_bytes_max = seed % 3 == 0 ? 1 : 100;
    if (seed % 5 == 0) config.preference = {NodeId(1), NodeId(0)};
    config.transfer_interval_ticks = 30;
    return config;
  }

  // Where true, voters come and go, whoever they are.
  bool reconfigures = false;

  // Where false, a node with an empty disk in the place of its own acts as who it was.
  bool tells_disks_apart = true;

  // Where false, nobody withholds a vote that was promised to be.
  bool keeps_promises = true;

  // The first thing wrong, or empty.
  const std::string& chaos(std::size_t steps) {
    for (std::size_t i = 0; i < steps && ok(); ++i) {
      act();
      if (leases_) check_leases(1);
    }
    return cluster_.ghost().wrong();
  }

  const std::string& calm() {
    cluster_.heal();
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
      cluster_.at(i).disk_held = false;
      cluster_.persist_all(i);
    }
    for (int round = 0; round < 400 && ok() && !converged(); ++round) {
      for (std::size_t i = 0; i < cluster_.size(); ++i) cluster_.tick(i);
      cluster_.deliver_all();
      if (leases_) check_leases(steps_per_tick);
      check_reads();
      for (std::size_t i = 0; i < cluster_.size() && !proposed_last_; ++i) {
        if (cluster_[i].role() == Role::leader) proposed_last_ = cluster_.propose(i, "last");
      }
    }
    cluster_.ghost().expect(converged(), "the healed cluster does not converge");
    return cluster_.ghost().wrong();
  }

  // Snapshots that leaders brought to followers.
  [[nodiscard]] std::size_t restored() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < cluster_.size(); ++i) count += cluster_.at(i).restored;
    return count;
  }
  // Disks that were replaced by empty ones.
  [[nodiscard]] std::size_t replaced() const { return replaced_; }
  // Changes of the voters that began.
  [[nodiscard]] std::size_t reconfigured() const { return reconfigured_; }
  // Moments at which a leader could have read from its lease.
  [[nodiscard]] std::size_t leased() const { return leases_->held; }
  [[nodiscard]] Index committed() { return cluster_.ghost().committed(); }

 private:
  bool ok() { return cluster_.ghost().wrong().empty(); }
  std::uint64_t below(std::uint64_t bound) { return stream_.next() % bound; }

  // Every voter of the leader's configuration has everything, and no change is under way.
  bool converged() {
    if (!proposed_last_) return false;
    for (std::size_t leader = 0; leader < cluster_.size(); ++leader) {
      if (!cluster_.whole(leader)) continue;
      const std::vector<NodeId>& voters = cluster_[leader].configuration().voters();
      return std::all_of(voters.begin(), voters.end(), [&](NodeId voter) {
        return cluster_[voter.value()].commit() == cluster_[leader].log().last_index();
      });
    }
    return false;
  }

  // No log has a change that is not over, nor so few voters that they would not get along.
  bool spares_a_disk() {
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
      const Configuration& configuration = cluster_[i].configuration();
      if (!configuration.stable() || configuration.voters().size() < 3) return false;
    }
    return true;
  }

  // Any of the nodes, from one to all but one of them, by whoever leads.
  void reconfigure() {
    std::vector<MemberId> voters;
    const std::uint64_t size = 1 + below(cluster_.size() - 1);
    const std::uint64_t first = below(cluster_.size());
    for (std::uint64_t i = 0; i < size; ++i) {
      voters.push_back(cluster_.at((first + i) % cluster_.size()).id());
    }
    for (std::size_t node = 0; node < cluster_.size(); ++node) {
      const Index before = cluster_[node].log().last_index();
      (void)cluster_[node].reconfigure(voters);
      reconfigured_ += cluster_[node].log().last_index() != before;
      cluster_.settle(node);
    }
  }

  void act() {
    if (reconfigures && below(40) == 0) return reconfigure();
    const std::uint64_t choice = below(200);
    const std::size_t node = below(cluster_.size());
    if (choice < 110) {
      deliver_some();
    } else if (choice < 148) {
      cluster_.tick(node, 1 + below(2));
    } else if (choice < 172) {
      cluster_.propose(node, std::string(below(60), 'x'));
    } else if (choice < 176) {
      cluster_.at(node).disk_held = below(3) == 0;
      cluster_.settle(node);
    } else if (choice < 184) {
      cluster_.persist_one(node);
      cluster_.settle(node);
    } else if (choice < 186) {
      cluster_.restart(node);
      if (leases_) promise(node);
    } else if (choice < 190) {
      change_links(node);
    } else if (choice < 194) {
      cluster_.compact(node);
    } else if (choice < 195) {
      for (std::size_t i = 0; i < cluster_.size(); ++i) {
        if (!cluster_.whole(i) || !spares_a_disk()) continue;
        cluster_.replace_disk(node, tells_disks_apart);
        if (leases_) promise(node);
        ++replaced_;
        break;
      }
    } else if (choice < 196) {
      (void)cluster_[node].transfer(NodeId(static_cast<std::uint32_t>(below(cluster_.size()))));
      cluster_.settle(node);
    } else {
      const std::uint64_t context = ++reads_;
      read_from_[context] = cluster_.ghost().committed();
      (void)cluster_[node].read(context);
      cluster_.settle(node);
    }
    check_reads();
  }

  void change_links(std::size_t node) {
    const std::uint64_t choice = below(4);
    if (choice == 0) {
      const std::size_t other = (node + 1 + below(cluster_.size() - 1)) % cluster_.size();
      cluster_.cut_one_way(node, other);
      if (below(2) == 0) cluster_.cut_one_way(other, node);
    } else if (choice == 1) {
      // A leader that goes on alone makes the tails that others must overrule.
      for (std::size_t i = 0; i < cluster_.size(); ++i) {
        if (cluster_[i].role() == Role::leader) node = i;
      }
      cluster_.heal();
      cluster_.isolate(node);
    } else {
      cluster_.heal();
    }
  }

  void deliver_some() {
    if (cluster_.network.empty()) return;
    // Mostly in order: a network that only reorders elects nobody.
    const std::size_t at = below(4) == 0 ? below(cluster_.network.size()) : 0;
    const auto picked = cluster_.network.begin() + static_cast<std::ptrdiff_t>(at);
    Message message = *picked;
    const std::uint64_t fate = below(20);
    if (fate != 0) cluster_.network.erase(picked);
    if (fate == 1) return;
    if (below(4) == 0 && !cluster_.is_cut(message)) {
      // The driver was busy: several messages go into one Output.
      const std::size_t to = message.to.value();
      cluster_[to].step(std::move(message));
    } else {
      cluster_.deliver(std::move(message));
    }
  }

  void check_reads() {
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
      for (const ReadGrant& read : cluster_.at(i).reads) {
        cluster_.ghost().expect(read.index >= read_from_[read.context], "a read is stale");
      }
      cluster_.at(i).reads.clear();
    }
  }

  // In chaos, about.
  static constexpr std::uint64_t steps_per_tick = 20;

  // What a driver with exact clocks makes of promises; a step is the unit of time.
  struct Leases {
    explicit Leases(std::size_t nodes) : promised_until(nodes) {}
    static constexpr std::uint64_t length = 30 * steps_per_tick;
    std::uint64_t now = 0;
    std::vector<std::uint64_t> promised_until;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> sent;  // (term, round)
    std::size_t held = 0;
  };

  void note(std::size_t node, const Output& output) {
    for (const Message& message : output.messages_now) {
      if (message.kind != MessageKind::heartbeat_request) continue;
      leases_->sent.try_emplace({message.term.value(), message.context}, leases_->now);
    }
    for (const Message& message : output.messages) {
      if (message.promises) promise(node);
    }
  }

  void promise(std::size_t node) {
    if (!keeps_promises) return;
    leases_->promised_until[node] = leases_->now + Leases::length;
    cluster_[node].withhold_votes(true);
  }

  // While a lease holds, nobody else commits.
  void check_leases(std::uint64_t steps) {
    leases_->now += steps;
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
      cluster_[i].withhold_votes(leases_->now < leases_->promised_until[i]);
      const auto round = cluster_[i].promised_round();
      const auto sent = leases_->sent.find({cluster_[i].term().value(), round.value_or(0)});
      if (sent == leases_->sent.end() || leases_->now >= sent->second + Leases::length) continue;
      ++leases_->held;
      cluster_.ghost().expect(cluster_[i].commit() >= cluster_.ghost().committed(),
                              "a leader with a lease lacks what is committed");
    }
  }

  random::Stream stream_;
  Cluster cluster_;
  std::optional<Leases> leases_;
  bool proposed_last_ = false;
  std::size_t replaced_ = 0, reconfigured_ = 0;
  std::uint64_t reads_ = 0;
  std::map<std::uint64_t, Index> read_from_;
};

TEST(RandomSchedule, KeepsEverySafetyPropertyAndConverges) {
  std::uint64_t committed = 0, restored = 0, replaced = 0;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    RandomRun run(seed);
    ASSERT_EQ(run.chaos(1'000), "") << "seed " << seed;
    committed += run.committed().value();
    ASSERT_EQ(run.calm(), "") << "seed " << seed;
    restored += run.restored();
    replaced += run.replaced();
  }
  // A schedule in which nothing commits, nobody needs a snapshot and no disk is lost shows nothing.
  EXPECT_GT(committed, 2'000u * 3);
  EXPECT_GT(restored, 2'000u / 4);
  EXPECT_GT(replaced, 2'000u / 4);
}

TEST(RandomSchedule, FindsWhatAnEmptyDiskForgotWhereItIsTakenForTheOneBefore) {
  std::size_t found = 0;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    RandomRun run(seed);
    run.tells_disks_apart = false;
    try {
      if (!run.chaos(1'000).empty()) ++found;
    } catch (const CheckFailed&) {
      ++found;
    }
  }
  EXPECT_GT(found, 20u);
}

Config with_leases(std::uint64_t seed) {
  Config config = RandomRun::quick_config(seed);
  config.leases = true;
  return config;
}

TEST(RandomSchedule, KeepsEverySafetyPropertyWhileVotersComeAndGo) {
  std::uint64_t committed = 0, reconfigured = 0, replaced = 0;
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    RandomRun run(seed, with_leases(seed), 3);
    run.reconfigures = true;
    ASSERT_EQ(run.chaos(4'000), "") << "seed " << seed;
    committed += run.committed().value();
    ASSERT_EQ(run.calm(), "") << "seed " << seed;
    reconfigured += run.reconfigured();
    replaced += run.replaced();
  }
  EXPECT_GT(committed, 1'000u * 6);
  EXPECT_GT(reconfigured, 1'000u);
  EXPECT_GT(replaced, 1'000u / 20);
}

TEST(RandomSchedule, KeepsWhatALeaseIsReadBy) {
  std::size_t leased = 0;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    RandomRun run(seed, with_leases(seed));
    ASSERT_EQ(run.chaos(1'000), "") << "seed " << seed;
    ASSERT_EQ(run.calm(), "") << "seed " << seed;
    leased += run.leased();
  }
  EXPECT_GT(leased, 2'000u * 50);
}

TEST(RandomSchedule, FindsWhatVotersThatKeepNoPromisesBreak) {
  std::size_t found = 0;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    RandomRun run(seed, with_leases(seed));
    run.keeps_promises = false;
    found += run.chaos(4'000) == "a leader with a lease lacks what is committed";
  }
  EXPECT_GT(found, 0u);
}

#ifdef BLACKOUT_PLANTED_BUGS
TEST(RandomSchedule, FindsAVoteThatIsNotPersisted) {
  std::string wrong;
  for (std::uint64_t seed = 1; seed <= 2'000 && wrong.empty(); ++seed) {
    Config config = RandomRun::quick_config(seed);
    config.planted.forget_vote = true;
    RandomRun run(seed, config);
    try {
      wrong = run.chaos(1'000);
    } catch (const CheckFailed&) {
      continue;  // a second leader can break any invariant; here the cause is asked for
    }
  }
  EXPECT_TRUE(wrong == "a node votes for two candidates in one term" ||
              wrong == "a term has two leaders")
      << wrong;
}
#endif

}  // namespace
}  // namespace blackout::raft
