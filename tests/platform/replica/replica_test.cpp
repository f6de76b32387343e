// The driver on simulated machines: what leaves a node, what a crash leaves, who is answered.
#include "platform/replica/replica.hpp"

#include <gtest/gtest.h>

#include "platform/raft/codec.hpp"
#include "tests/platform/replica/servers.hpp"

namespace blackout::replica {
namespace {

using testing::at_ms;
using testing::Options;
using testing::post;
using testing::read;
using testing::Scripted;
using testing::Servers;
using testing::write;
using testing::writer;

// Sends `requests` to server `to` from client host 3 at `when`, straight to its replica, and notes
// the replies.
void forward(Servers& servers, std::uint32_t to, Instant when, std::vector<Request> requests,
             std::vector<Reply>& replies) {
  servers.start(3, [=, &replies](env::Environment& environment) {
    environment.tasks.sleep(when - Instant(0));
    for (const Request& request : requests) {
      environment.network.send(NodeId(to), encode(Channel::forward, request));
    }
    while (true) {
      if (const auto reply = decode_reply(environment.network.receive().message)) {
        replies.push_back(*reply);
      }
    }
  });
}

Request write_request(std::uint64_t call, std::uint64_t operation) {
  return {call,       ShardId(0),          RequestKind::write, OperationId(operation),
          seconds(1), post(operation, "k")};
}

Request read_request(std::uint64_t call) {
  return {call, ShardId(0), RequestKind::read, OperationId(7), seconds(1), {'k'}};
}

// Facts that left a node, or that others concluded, before the disks held what they follow from.
int leaks(const std::vector<Event>& events) {
  std::vector<std::pair<NodeId, std::pair<std::uint64_t, std::uint64_t>>> votes;
  std::vector<std::uint64_t> durable(3);
  int leaks = 0;
  for (const Event& event : events) {
    const auto holders = [&](std::uint64_t index) {
      return std::count_if(durable.begin(), durable.end(),
                           [index](std::uint64_t last) { return last >= index; });
    };
    if (event.kind == EventKind::term_persisted) {
      votes.push_back({event.node, {event.a, event.b}});
    } else if (event.kind == EventKind::log_durable) {
      durable[event.node.value()] = event.a;
    } else if (event.kind == EventKind::vote_cast) {
      const std::pair vote(event.node, std::pair(event.b, event.a));
      leaks += std::find(votes.begin(), votes.end(), vote) == votes.end();
    } else if (event.kind == EventKind::match_advanced) {
      leaks += durable[node_of_word(event.a).value()] < event.b;
    } else if (event.kind == EventKind::commit_advanced) {
      leaks += holders(event.a) < 2;
    } else if (event.kind == EventKind::write_acknowledged) {
      leaks += holders(event.b) < 2;
    }
  }
  return leaks;
}

TEST(Replica, LetsNothingOutBeforeItIsDurable) {
  Servers servers;
  std::vector<std::uint64_t> done;
  servers.start_client(3, 0, writer(1, 60, done));
  servers.disk(1).slow(30'000, 0);
  servers.at(at_ms(2'500), [&] { servers.node(0).stop(node::StopMode::power_loss); });
  servers.at(at_ms(4'500), [&] { servers.node(0).start(); });
  servers.run_until(at_ms(8'000));
  EXPECT_EQ(done.size(), 60u);
  EXPECT_GE(servers.events(EventKind::vote_cast).size(), 4u);
  EXPECT_GT(servers.events(EventKind::match_advanced).size(), 60u);
  EXPECT_EQ(leaks(servers.events()), 0);
}

TEST(Replica, AnswersAProbeWhenAMajorityHasItsEntryAndChangesNothing) {
  Servers servers;
  std::vector<Reply> replies;
  Request probe = write_request(1, 7);
  probe.kind = RequestKind::probe;
  probe.operation = OperationId();
  probe.body.clear();
  forward(servers, 0, Servers::settled, {probe, write_request(2, 8), read_request(3)}, replies);
  servers.run_until(at_ms(3'000));
  ASSERT_EQ(replies.size(), 3u);
  for (const Reply& reply : replies) EXPECT_EQ(reply.status, Status::done);
  const auto answered = servers.events(EventKind::write_acknowledged);
  ASSERT_EQ(answered.size(), 1u);
  EXPECT_EQ(answered[0].a, 8u);
  servers.expect_converged();
}

TEST(Replica, DoesNotAnswerAProbeWithoutAMajority) {
  Servers servers;
  std::vector<Reply> replies;
  Request probe = write_request(1, 7);
  probe.kind = RequestKind::probe;
  forward(servers, 0, Servers::settled, {probe}, replies);
  servers.at(Servers::settled, [&] {
    servers.cut(0, 1);
    servers.cut(0, 2);
  });
  servers.run_until(Servers::settled + milliseconds(300));
  EXPECT_TRUE(replies.empty());
}

// A leader of term 1, played on node 1, with what it heard from the replica on node 0.
struct PlayedLeader {
  kernel::Kernel& kernel;
  struct Heard {
    Instant at;
    raft::Message message;
  };
  std::vector<Heard> heard{};

  static void send(env::Environment& environment, raft::Message message) {
    message.from = environment.self;
    message.to = NodeId(0);
    message.term = raft::Term(1);
    Bytes bytes;
    Writer writer(bytes);
    writer.u8(static_cast<std::uint8_t>(Channel::raft));
    writer.varint(0);
    raft::encode(writer, message, raft::Encoding::plain);
    environment.network.send(NodeId(0), std::move(bytes));
  }
  void receive(env::Environment& environment) {
    while (true) {
      const env::Envelope envelope = environment.network.receive();
      Reader reader(envelope.message);
      reader.u8();
      reader.varint();
      auto message = raft::decode_message(reader, raft::Encoding::plain);
      if (message && envelope.from == NodeId(0)) {
        heard.push_back({kernel.now(), std::move(*message)});
      }
    }
  }
};

TEST(Replica, AnswersAnAppendAndWhatFollowsItOnlyWhenTheDiskHoldsTheEntries) {
  testing::Machines machines(3);
  ShardConfig shard;
  shard.voters = {NodeId(0), NodeId(1), NodeId(2)};
  shard.election_ticks_min = 24;
  shard.election_ticks_max = 48;
  shard.heartbeat_ticks = 4;
  machines.start(0, [shard](env::Environment& environment) {
    gateway::run_server(
        environment,
        {.replica = {.shards = {shard}, .founding = std::make_shared<bool>(true)}, .gateway = {}});
  });
  PlayedLeader leader{machines.kernel};
  machines.start(1, [&leader](env::Environment& environment) {
    environment.tasks.spawn("receive", [&] { leader.receive(environment); });
    environment.tasks.sleep(milliseconds(100));
    raft::Message append;
    append.kind = raft::MessageKind::append_request;
    append.entries.resize(3);
    for (raft::Entry& entry : append.entries) entry.term = raft::Term(1);
    PlayedLeader::send(environment, append);
    raft::Message heartbeat;
    heartbeat.kind = raft::MessageKind::heartbeat_request;
    heartbeat.context = 9;
    PlayedLeader::send(environment, heartbeat);
    environment.tasks.park();
  });
  machines.at(at_ms(99), [&] { machines.disk(0).slow(200'000, 0); });
  machines.run_until(at_ms(600));

  const auto durable = machines.events(EventKind::log_durable, NodeId(0));
  ASSERT_EQ(durable.size(), 1u);
  EXPECT_GT(durable[0].at, at_ms(120));  // the sync took its time
  EXPECT_EQ(machines.events(EventKind::term_persisted, NodeId(0)).at(0).a, 1u);
  ASSERT_EQ(leader.heard.size(), 2u);
  EXPECT_EQ(leader.heard[0].message.kind, raft::MessageKind::append_response);
  EXPECT_EQ(leader.heard[0].message.log_index, raft::Index(3));
  EXPECT_EQ(leader.heard[1].message.kind, raft::MessageKind::heartbeat_response);
  EXPECT_EQ(leader.heard[0].at, durable[0].at + testing::Machines::one_way);
}

class AfterAStop : public ::testing::TestWithParam<node::StopMode> {};

TEST_P(AfterAStop, AFollowerRecoversItsLogAndCatchesUp) {
  Servers servers;
  std::vector<std::uint64_t> done;
  servers.start_client(3, 0, writer(1, 80, done));
  servers.at(at_ms(2'507), [&] { servers.node(2).stop(GetParam()); });
  servers.at(at_ms(3'500), [&] { servers.node(2).start(); });
  servers.run_until(at_ms(8'000));
  EXPECT_EQ(done.size(), 80u);
  const auto recovered = servers.events(EventKind::log_recovered, NodeId(2));
  ASSERT_EQ(recovered.size(), 2u);
  EXPECT_GT(recovered[1].a, 5u);
  EXPECT_GT(servers.last(EventKind::entry_applied, 2).a, 80u);
  servers.expect_converged();
}

TEST_P(AfterAStop, ALeaderLosesNothingThatWasAcknowledged) {
  Servers servers;
  std::vector<std::uint64_t> done;
  servers.start_client(3, 1, writer(1, 80, done));
  servers.at(at_ms(2'507), [&] { servers.node(0).stop(GetParam()); });
  servers.at(at_ms(4'500), [&] { servers.node(0).start(); });
  servers.run_until(at_ms(10'000));
  EXPECT_EQ(done.size(), 80u);
  EXPECT_EQ(leaks(servers.events()), 0);
  servers.expect_converged();
}

TEST_P(AfterAStop, OfAllNodesAtOnceEveryAcknowledgedWriteIsThere) {
  Servers servers({.clients = 2});
  std::vector<std::uint64_t> done;
  servers.start_client(3, 0, writer(1, 30, done));
  for (std::uint32_t id = 0; id < 3; ++id) {
    servers.at(at_ms(2'507), [&servers, id] { servers.node(id).stop(GetParam()); });
    servers.at(at_ms(3'000), [&servers, id] { servers.node(id).start(); });
  }
  std::uint64_t version = 0;
  servers.start_client(4, 1, [&](env::Environment& environment, client::Client& client) {
    environment.tasks.sleep(seconds(8));
    const auto answer = read(environment, client, ShardId(0), "k");
    if (answer) version = answer.value().version;
  });
  servers.run_until(at_ms(9'000));
  EXPECT_GE(done.size(), 29u);
  EXPECT_GE(version, done.size());
  EXPECT_LE(version, 30u);
  servers.expect_converged();
}

INSTANTIATE_TEST_SUITE_P(Replica, AfterAStop,
                         ::testing::Values(node::StopMode::process_crash,
                                           node::StopMode::power_loss));

TEST(Replica, SurvivesACrashAtAnyPointOfAWrite) {
  for (std::int64_t ms = 0; ms < 20; ms += 2) {
    Servers servers;
    std::vector<std::uint64_t> done;
    servers.start_client(3, 1, writer(1, 5, done));
    // Copying into the page cache takes 15 ms.
    servers.at(at_ms(1'999), [&] { servers.disk(0).slow(5'000'000, 0); });
    servers.at(at_ms(2'010 + ms), [&] {
      servers.disk(0).restore(0);
      servers.node(0).stop(node::StopMode::process_crash);
      servers.node(0).start();
    });
    servers.run_until(at_ms(12'000));
    EXPECT_EQ(servers.events(EventKind::log_recovered, NodeId(0)).size(), 2u);
    servers.expect_converged();
  }
}

TEST(Replica, EndsItsProcessWhenTheDiskFailsAndComesBackWithIt) {
  Servers servers;
  std::vector<std::uint64_t> done;
  servers.start_client(3, 0, writer(1, 120, done));
  servers.at(at_ms(2'500), [&] { servers.disk(2).fail(random::Probability{1'000'000'000}, 0); });
  servers.at(at_ms(4'200), [&] { servers.disk(2).repair(0); });
  servers.run_until(at_ms(9'000));
  EXPECT_EQ(done.size(), 120u);
  const auto stops = servers.events(EventKind::node_stopped, NodeId(2));
  ASSERT_GE(stops.size(), 2u);  // again and again until the disk works
  for (const Event& stop : stops) {
    EXPECT_EQ(stop.a, static_cast<std::uint64_t>(node::StopMode::process_crash));
    EXPECT_LT(stop.at, at_ms(4'300));
  }
  for (const Event& durable : servers.events(EventKind::log_durable, NodeId(2))) {
    EXPECT_TRUE(durable.at < at_ms(2'600) || durable.at > at_ms(4'200));
  }
  servers.expect_converged();
}

TEST(Replica, AFollowerNamesTheLeaderAndDoesNothing) {
  Servers servers;
  std::vector<Reply> replies;
  forward(servers, 1, Servers::settled, {write_request(11, 1), read_request(12)}, replies);
  servers.run_until(at_ms(3'000));
  ASSERT_EQ(replies.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(replies[i].call, 11 + i);
    EXPECT_EQ(replies[i].status, Status::not_leader);
    EXPECT_EQ(replies[i].leader, NodeId(0));
  }
  EXPECT_EQ(servers.last(EventKind::entry_applied, 0).b, 0u);  // the term's no-op
}

TEST(Replica, AppliesAWriteOnceOnEveryNodeHoweverOftenItIsSent) {
  Servers servers;
  std::vector<Reply> replies;
  forward(servers, 0, Servers::settled,
          {write_request(1, 5), write_request(2, 5), write_request(3, 5), read_request(4)},
          replies);
  servers.run_until(at_ms(3'000));
  ASSERT_EQ(replies.size(), 4u);
  int first = 0;
  for (const Reply& reply : replies) {
    ASSERT_EQ(reply.status, Status::done);
    const auto answer = ledger::decode_answer(reply.body);
    ASSERT_TRUE(answer);
    EXPECT_LE(answer->version, 1u);
    if (reply.call <= 3) first += answer->duplicate ? 0 : 1;
  }
  EXPECT_EQ(first, 1);
  for (std::uint32_t id = 0; id < 3; ++id) {
    EXPECT_EQ(servers.events(EventKind::request_deduplicated, NodeId(id)).size(), 2u);
  }
  servers.expect_converged();
}

TEST(Replica, RefusesAMalformedCommandAndDropsWhatItCannotRead) {
  Servers servers;
  std::vector<Reply> replies;
  Request garbage = write_request(1, 5);
  garbage.body = {1, 2, 3};
  Request other_id = write_request(2, 5);
  other_id.operation = OperationId(6);
  Request no_query = read_request(3);
  no_query.kind = RequestKind::page;
  Request elsewhere = write_request(4, 5);
  elsewhere.shard = ShardId(9);
  forward(servers, 0, Servers::settled, {garbage, other_id, no_query, elsewhere}, replies);
  servers.run_until(at_ms(3'000));
  ASSERT_EQ(replies.size(), 3u);
  for (const Reply& reply : replies) EXPECT_EQ(reply.status, Status::refused) << reply.call;
}

TEST(Replica, SurvivesRaftMessagesThatAreCutOrMeantForNobody) {
  Servers servers;
  servers.start(3, [](env::Environment& environment) {
    environment.tasks.sleep(Servers::settled - Instant(0));
    raft::Message usurper;
    usurper.kind = raft::MessageKind::append_request;
    usurper.from = NodeId(1);
    usurper.to = NodeId(0);
    usurper.term = raft::Term(50);
    for (const std::uint64_t shard : {std::uint64_t{1}, std::uint64_t{1} << 32}) {
      Bytes bytes;
      Writer writer(bytes);
      writer.u8(static_cast<std::uint8_t>(Channel::raft));
      writer.varint(shard);
      raft::encode(writer, usurper, raft::Encoding::plain);
      environment.network.send(NodeId(0), bytes);
    }
    Bytes bytes;
    Writer writer(bytes);
    writer.u8(static_cast<std::uint8_t>(Channel::raft));
    writer.varint(0);
    raft::encode(writer, usurper, raft::Encoding::plain);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      environment.network.send(NodeId(0), Bytes(bytes.data(), bytes.data() + size));
    }
    bytes.push_back(0);
    environment.network.send(NodeId(0), bytes);
  });
  servers.run_until(at_ms(3'000));
  for (const Event& role : servers.events(EventKind::role_changed))
    EXPECT_LT(role.at, at_ms(2'000));
}

TEST(Replica, OneSyncServesManyShards) {
  constexpr std::uint32_t shards = 20;
  Servers servers({.shards = shards});
  int done = 0;
  servers.start_client(3, 0, [&](env::Environment& environment, client::Client& client) {
    environment.tasks.sleep(Servers::settled - Instant(0));
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
      environment.tasks.spawn("write", [&environment, &client, &done, shard] {
        done += write(environment, client, ShardId(shard), shard + 1, "k").ok();
      });
    }
    environment.tasks.sleep(seconds(1));
  });
  servers.run_until(at_ms(3'000));
  EXPECT_EQ(done, static_cast<int>(shards));
  for (std::uint32_t id = 0; id < 3; ++id) {
    const std::size_t durable = servers.events(EventKind::log_durable, NodeId(id)).size();
    EXPECT_GE(durable, 2 * shards);  // no-op and write
    EXPECT_LT(servers.events(EventKind::disk_synced, NodeId(id)).size(), durable / 2);
  }
}

TEST(Replica, AReadSeesWhatAnotherClientHasJustWritten) {
  Servers servers({.clients = 2});
  std::uint64_t written = 0, seen = 0, reads = 0;
  servers.start_client(4, 2, [&](env::Environment& environment, client::Client& client) {
    while (true) {
      environment.tasks.sleep(milliseconds(7));
      const std::uint64_t before = written;
      const auto answer = read(environment, client, ShardId(0), "k");
      if (!answer) continue;
      EXPECT_GE(answer.value().version, before);
      EXPECT_GE(answer.value().version, seen);
      seen = answer.value().version;
      ++reads;
    }
  });
  servers.start_client(3, 0, [&](env::Environment& environment, client::Client& client) {
    for (std::uint64_t operation = 1; operation <= 60; ++operation) {
      const auto answer = write(environment, client, ShardId(0), operation, "k");
      if (answer) written = answer.value().version;
    }
  });
  servers.at(at_ms(2'200), [&] { servers.node(0).pause(); });
  servers.at(at_ms(4'200), [&] { servers.node(0).resume(); });
  servers.run_until(at_ms(8'000));
  EXPECT_EQ(written, 60u);
  EXPECT_EQ(seen, 60u);
  EXPECT_GT(reads, 100u);
}

TEST(Replica, ADeposedLeaderServesNoReads) {
  Servers servers({.clients = 2});
  servers.at(at_ms(2'000), [&] {
    for (const std::uint32_t other : {1u, 2u, 4u}) servers.cut(0, other);
  });
  std::vector<Reply> replies;
  forward(servers, 0, at_ms(2'100), {read_request(1)}, replies);
  bool written = false;
  servers.start_client(4, 1, [&](env::Environment& environment, client::Client& client) {
    environment.tasks.sleep(milliseconds(2'100));
    while (!written) written = write(environment, client, ShardId(0), 1, "k").ok();
  });
  servers.run_until(at_ms(6'000));
  EXPECT_TRUE(written);
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].status, Status::not_leader);
  EXPECT_TRUE(servers.events(EventKind::read_served, NodeId(0)).empty());
}

TEST(Replica, TellsWhoWaitsWhenItLosesLeadership) {
  Servers servers;
  servers.at(at_ms(2'000), [&] {
    for (const std::uint32_t other : {1u, 2u}) servers.cut(0, other);
  });
  std::vector<Reply> replies;
  forward(servers, 0, at_ms(2'100), {write_request(1, 1), write_request(2, 2)}, replies);
  servers.run_until(at_ms(4'000));
  ASSERT_EQ(replies.size(), 2u);
  for (const Reply& reply : replies) EXPECT_EQ(reply.status, Status::deposed);
  EXPECT_TRUE(servers.events(EventKind::write_acknowledged).empty());
}

TEST(Replica, TakesTheSecondCopyOfARequestForNone) {
  Servers servers;
  std::vector<Reply> replies;
  forward(servers, 0, Servers::settled, {write_request(1, 5), write_request(1, 5)}, replies);
  servers.run_until(at_ms(3'000));
  EXPECT_EQ(replies.size(), 1u);
  EXPECT_TRUE(servers.events(EventKind::request_deduplicated).empty());
}

// What became of a thousand writes a second for three seconds, sent to a leader whose links carry a
// part of that.
struct Flood {
  explicit Flood(bool never_shed) : servers({.never_shed = never_shed}) {
    for (const std::uint32_t other : {1u, 2u}) {
      servers.at(Servers::settled, [this, other] {
        network::Degradation narrow;
        narrow.bits_per_second = 250'000;
        servers.cluster.network().degrade(NodeId(0), NodeId(other), narrow, 0);
      });
    }
    servers.start(3, [this](env::Environment& environment) {
      environment.tasks.spawn("send", [&environment] {
        environment.tasks.sleep(Servers::settled - Instant(0));
        for (std::uint64_t call = 1; call <= count; ++call) {
          environment.network.send(NodeId(0), encode(Channel::forward, write_request(call, call)));
          environment.tasks.sleep(milliseconds(1));
        }
      });
      while (true) {
        const auto reply = decode_reply(environment.network.receive().message);
        if (!reply) continue;
        const Instant sent =
            Servers::settled + milliseconds(1) * static_cast<std::int64_t>(reply->call - 1);
        const Duration took = environment.clock.monotonic() - sent;
        if (reply->status == Status::refused) {
          refused.push_back(reply->call);
          slowest_refusal = std::max(slowest_refusal, took);
        } else {
          EXPECT_EQ(reply->status, Status::done);
          slowest = std::max(slowest, took);
          ++done;
        }
      }
    });
    servers.run_until(at_ms(60'000));
  }

  static constexpr std::uint64_t count = 3'000;
  Servers servers;
  std::vector<std::uint64_t> refused;
  std::uint64_t done = 0;
  Duration slowest, slowest_refusal;
};

#ifdef BLACKOUT_PLANTED_BUGS
// Acknowledgements that precede the entry's arrival on any disk but the leader's.
int acknowledged_alone(const std::vector<Event>& events) {
  int alone = 0;
  std::uint64_t held = 0;  // by some other node than the preferred leader
  for (const Event& event : events) {
    if (event.kind == EventKind::log_durable && event.node != NodeId(0)) {
      held = std::max(held, event.a);
    }
    if (event.kind == EventKind::write_acknowledged) alone += event.b > held;
  }
  return alone;
}

TEST(PlantedBugs, AcknowledgeEarlyAnswersBeforeAnyFollowerHasTheEntry) {
  for (const bool planted : {true, false}) {
    Servers servers({.acknowledge_early = planted});
    std::vector<std::uint64_t> done;
    servers.start_client(3, 0, writer(1, 20, done));
    servers.run_until(at_ms(4'000));
    EXPECT_EQ(done.size(), 20u);
    EXPECT_EQ(acknowledged_alone(servers.events()), planted ? 20 : 0);
    EXPECT_EQ(leaks(servers.events()) > 0, planted);
    servers.expect_converged();
  }
}

TEST(PlantedBugs, NeverShedTakesWhatWillBeTooLate) {
  const Flood flood(true);
  EXPECT_TRUE(flood.refused.empty());
  EXPECT_GE(flood.slowest, seconds(2));
}

TEST(PlantedBugs, ForgetVoteLetsAVoteLeaveThatNoDiskHolds) {
  for (const bool planted : {true, false}) {
    Servers servers({.forget_vote = planted});
    servers.run_until(at_ms(3'000));
    EXPECT_EQ(leaks(servers.events()) > 0, planted);
  }
}
#endif

}  // namespace
}  // namespace blackout::replica
