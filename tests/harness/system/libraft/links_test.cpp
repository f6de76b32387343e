// Ordered connections, between two simulated nodes.
#include "harness/system/libraft/links.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/node/cluster.hpp"

namespace blackout::system::libraft {
namespace {

constexpr std::uint8_t kind = 1;
constexpr std::uint32_t messages = 500;
constexpr NodeId sender{0}, receiver{1};

Bytes numbered(std::uint32_t number) {
  Bytes bytes;
  Writer(bytes).u32(number);
  return bytes;
}

class Pair {
 public:
  explicit Pair(const network::LinkProfile& link) : recorder_(kernel_) {
    node::Settings settings;
    settings.network.nodes = {{RegionId(0), 0}, {RegionId(1), 0}};
    settings.network.between_regions.assign(4, link);
    cluster_.emplace(kernel_, recorder_, random::Key(7), settings);
  }

  // One message a millisecond; what arrives is noted by incarnation of the receiver.
  void start() {
    cluster_->node(sender).start([](env::Environment& environment) {
      Links links(environment, kind);
      environment.tasks.spawn("receive", [&] {
        while (true) {
          const env::Envelope envelope = environment.network.receive();
          links.receive(envelope.from, envelope.message, [](BytesView) {});
        }
      });
      for (std::uint32_t i = 0; i < messages; ++i) {
        links.send(receiver, numbered(i));
        environment.tasks.sleep(milliseconds(1));
      }
      environment.tasks.park();
    });
    cluster_->node(receiver).start([this](env::Environment& environment) {
      received.emplace_back();
      Links links(environment, kind);
      environment.tasks.spawn("close", [&] {
        while (true) {
          environment.tasks.sleep(milliseconds(10));
          links.close_gaps();
        }
      });
      while (true) {
        const env::Envelope envelope = environment.network.receive();
        links.receive(envelope.from, envelope.message, [this](BytesView payload) {
          received.back().push_back(Reader(payload).u32());
        });
      }
    });
  }
  void run(Duration span) { kernel_.run_until(kernel_.now() + span); }
  node::Cluster& cluster() { return *cluster_; }

  std::vector<std::vector<std::uint32_t>> received;

 private:
  kernel::Kernel kernel_;
  trace::Recorder recorder_;
  std::optional<node::Cluster> cluster_;
};

network::LinkProfile link(std::uint32_t jitter_ppm, std::uint32_t loss_ppb) {
  network::LinkProfile profile;
  profile.delay = milliseconds(10);
  profile.jitter_ppm = jitter_ppm;
  profile.loss = random::Probability{loss_ppb};
  return profile;
}

TEST(Links, KeepTheOrderOfMessagesThatOvertakeEachOther) {
  Pair pair(link(500'000, 0));
  pair.start();
  pair.run(seconds(3));
  std::vector<std::uint32_t> all(messages);
  for (std::uint32_t i = 0; i < messages; ++i) all[i] = i;
  EXPECT_EQ(pair.received[0], all);
}

TEST(Links, GoOnBehindALossWithAConnectionOfTheirOwn) {
  Pair pair(link(100'000, 10'000'000));
  pair.start();
  pair.run(seconds(3));
  const std::vector<std::uint32_t>& seen = pair.received[0];
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
  EXPECT_LT(seen.size(), messages);
  // Some five losses, each of which costs what comes until the gap is given up.
  EXPECT_GT(seen.size(), 20U);
}

TEST(Links, AReceiverThatRestartsIsReachedAgain) {
  Pair pair(link(0, 0));
  pair.start();
  pair.run(milliseconds(100));
  pair.cluster().node(receiver).stop(node::StopMode::power_loss);
  pair.cluster().node(receiver).start();
  pair.run(seconds(3));
  ASSERT_EQ(pair.received.size(), 2U);
  ASSERT_FALSE(pair.received[1].empty());
  EXPECT_EQ(pair.received[1].back(), messages - 1);
  EXPECT_TRUE(std::is_sorted(pair.received[1].begin(), pair.received[1].end()));
}

TEST(Links, ASenderThatRestartsBeginsAnotherConnection) {
  Pair pair(link(0, 0));
  pair.start();
  pair.run(milliseconds(100));
  pair.cluster().node(sender).stop(node::StopMode::process_crash);
  pair.cluster().node(sender).start();
  pair.run(seconds(3));
  const std::vector<std::uint32_t>& seen = pair.received[0];
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 0U), 2);
  EXPECT_EQ(seen.back(), messages - 1);
}

}  // namespace
}  // namespace blackout::system::libraft
