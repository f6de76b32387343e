// Replicas of two releases side by side: who writes to whom in which encoding.
#include "platform/replica/encodings.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/platform/replica/servers.hpp"

namespace blackout::replica {
namespace {

using raft::Encoding;
using testing::at_ms;
using testing::Servers;
using testing::writer;

// (who, to whom), of those that changed to the sparse encoding and did not change back.
std::set<std::pair<std::uint32_t, std::uint32_t>> sparse_pairs(const Servers& servers) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (const Event& event : servers.events(EventKind::encoding_changed)) {
    const std::pair pair{event.node.value(), node_of_word(event.a).value()};
    if (static_cast<Encoding>(event.b) == Encoding::sparse) {
      pairs.insert(pair);
    } else {
      pairs.erase(pair);
    }
  }
  return pairs;
}

TEST(Encodings, ReplicasOfTheCurrentReleaseAnnounceNothing) {
  Servers servers;
  servers.run_until(at_ms(4000));
  EXPECT_TRUE(servers.events(EventKind::encoding_changed).empty());
}

TEST(Encodings, OnlyThoseThatBothReadTheNewestWriteItToEachOther) {
  Servers servers({.encodings = {{0, Encoding::sparse}, {2, Encoding::sparse}}});
  std::vector<std::uint64_t> done;
  servers.start_client(3, 1, writer(1, 50, done));
  servers.run_until(at_ms(5000));
  EXPECT_EQ(done.size(), 50u);
  servers.expect_converged();
  EXPECT_EQ(sparse_pairs(servers),
            (std::set<std::pair<std::uint32_t, std::uint32_t>>{{0, 2}, {2, 0}}));
}

// Two machines that write to each other every 100 ms as their Encodings say.
class Pair : public testing::Machines {
 public:
  Pair(Encoding first, Encoding second) : Machines(2) {
    start(0, release(first));
    start(1, release(second));
  }

  static node::Program release(Encoding newest) {
    return [newest](env::Environment& environment) {
      Encodings encodings(environment, newest);
      environment.tasks.spawn("write", [&environment, &encodings] {
        const NodeId peer(1 - environment.self.value());
        while (true) {
          const bool sparse = encodings.toward(peer) == Encoding::sparse;
          const Channel channel = sparse ? Channel::raft_sparse : Channel::raft;
          environment.network.send(peer, {static_cast<std::uint8_t>(channel)});
          environment.tasks.sleep(milliseconds(100));
        }
      });
      while (true) {
        const env::Envelope envelope = environment.network.receive();
        const Channel channel = channel_of(envelope.message).value();
        const Encoding encoding =
            channel == Channel::raft_sparse ? Encoding::sparse : Encoding::plain;
        if (channel == Channel::announcement) {
          encodings.announced(envelope.from, envelope.message);
        } else if (encodings.reads(encoding)) {
          encodings.heard(envelope.from, encoding);
        }
      }
    };
  }
  // When node 0 changed the encoding in which it writes, and to which.
  [[nodiscard]] std::vector<std::pair<Instant, Encoding>> changes() const {
    std::vector<std::pair<Instant, Encoding>> found;
    for (const Event& event : events(EventKind::encoding_changed, NodeId(0))) {
      found.emplace_back(event.at, static_cast<Encoding>(event.b));
    }
    return found;
  }
};

TEST(Encodings, AnAnnouncementIsEnough) {
  Pair pair(Encoding::sparse, Encoding::sparse);
  pair.run_until(at_ms(3000));
  ASSERT_EQ(pair.changes().size(), 1u);
  EXPECT_EQ(pair.changes()[0].second, Encoding::sparse);
  EXPECT_LT(pair.changes()[0].first, at_ms(100));
}

TEST(Encodings, AnAnnouncementThatIsLostIsMadeAgainWithinASecond) {
  Pair pair(Encoding::sparse, Encoding::sparse);
  pair.at(at_ms(6), [&] { pair.cut(0, 1); });
  pair.at(at_ms(50), [&] { pair.heal(0, 1); });
  pair.run_until(at_ms(3000));
  ASSERT_EQ(pair.changes().size(), 1u);
  EXPECT_GE(pair.changes()[0].first, at_ms(1000));
  EXPECT_LT(pair.changes()[0].first, at_ms(1200));
}

TEST(Encodings, AReleaseThatKnowsNoAnnouncementsIsWrittenToAsBefore) {
  Pair pair(Encoding::sparse, Encoding::plain);
  pair.run_until(at_ms(5000));
  EXPECT_TRUE(pair.changes().empty());
}

TEST(Encodings, APeerThatWasPutBackIsHeardInTheOlderOneAgain) {
  Pair pair(Encoding::sparse, Encoding::sparse);
  pair.at(at_ms(2000), [&] {
    pair.node(1).cycle({.first = {}, .down = milliseconds(200), .period = {}},
                       node::StopMode::process_crash, 1,
                       {.number = 1, .program = Pair::release(Encoding::plain)});
  });
  pair.run_until(at_ms(6000));
  const auto changes = pair.changes();
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[1].second, Encoding::plain);
  EXPECT_LT(changes[1].first, at_ms(3300));
}

}  // namespace
}  // namespace blackout::replica
