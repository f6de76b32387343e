// A gateway between a client and replicas that are played: whom it asks, when it gives up, what it
// refuses.
#include "platform/gateway/gateway.hpp"

#include <gtest/gtest.h>

#include "platform/gateway/server.hpp"
#include "tests/platform/replica/machines.hpp"

namespace blackout::gateway {
namespace {

using replica::Channel;
using replica::Reply;
using replica::Request;
using replica::RequestKind;
using replica::Status;
using testing::at_ms;
using testing::Machines;
using testing::reply_of;
using testing::Scripted;

// Node 0 is the gateway, nodes 1 to 3 play the voters of shard 0, node 4 the client.
class Front : public Machines {
 public:
  struct Heard {
    Instant at;
    Reply reply;
  };

  // The gateway stands in region 0 and goes by `plan`.
  explicit Front(std::size_t requests_max = 10'000, Bytes plan = {}, bool careless = false)
      : Machines(5), plan_(std::move(plan)) {
    start(0, [this, requests_max, careless](env::Environment& environment) {
      Config config;
      config.routes = {{ShardId(0), {NodeId(1), NodeId(2), NodeId(3)}}};
      config.requests_max = requests_max;
#ifdef BLACKOUT_PLANTED_BUGS
      config.planted_never_shed = careless;
#else
      static_cast<void>(careless);
#endif
      replica::Calls calls(environment);
      Routes routes(environment);
      routes.adopt(plan_);
      Gateway gateway(environment, calls, routes, config);
      while (true) {
        const env::Envelope envelope = environment.network.receive();
        if (replica::channel_of(envelope.message) == Channel::request) {
          gateway.on_request(envelope.from, envelope.message);
        } else if (auto reply = replica::decode_reply(envelope.message)) {
          calls.deliver(std::move(*reply));
        }
      }
    });
    for (std::uint32_t id = 1; id <= 3; ++id) start(id, voter(id).program());
    start(4, [this](env::Environment& environment) {
      while (true) {
        if (auto reply = replica::decode_reply(environment.network.receive().message)) {
          heard.push_back({kernel.now(), *reply});
        }
      }
    });
    run_until(at_ms(1));
  }

  Scripted& voter(std::uint32_t id) { return voters_[id - 1]; }
  // The request reaches the gateway one_way after `when`.
  void ask(Instant when, std::uint64_t call, Duration budget, ShardId shard = ShardId(0)) {
    send(when, encode(Channel::request,
                      Request{call, shard, RequestKind::read, OperationId(call), budget, {'k'}}));
  }
  void send(Instant when, Bytes message) {
    at(when, [this, message = std::move(message)] {
      node(4).environment().network.send(NodeId(0), message);
    });
  }
  [[nodiscard]] std::vector<std::uint32_t> asked() const {
    std::vector<std::uint32_t> targets;
    for (const Event& event : events(EventKind::request_forwarded)) {
      targets.push_back(node_of_word(event.b).value());
    }
    return targets;
  }

  std::vector<Heard> heard;

 private:
  static std::optional<Reply> silence(const Request&) { return std::nullopt; }
  Bytes plan_;
  Scripted voters_[3] = {{*this, silence}, {*this, silence}, {*this, silence}};
};

Scripted::Handler always(Reply reply) {
  return [reply](const Request&) { return reply; };
}
// `done`, with the operation's number as the body.
std::optional<Reply> done(const Request& request) {
  Reply reply = reply_of(Status::done);
  reply.body = {static_cast<std::uint8_t>(request.operation.value())};
  return reply;
}
using Nodes = std::vector<std::uint32_t>;

TEST(Gateway, FollowsTheHintAndThenKnowsTheLeader) {
  Front front;
  front.voter(1).handler = always(reply_of(Status::not_leader, NodeId(3)));
  front.voter(3).handler = done;
  front.ask(at_ms(10), 71, seconds(1));
  front.ask(at_ms(100), 72, seconds(1));
  front.run_until(at_ms(500));
  EXPECT_EQ(front.asked(), (Nodes{1, 3, 3}));
  ASSERT_EQ(front.heard.size(), 2u);
  for (std::uint8_t i = 0; i < 2; ++i) {
    EXPECT_EQ(front.heard[i].reply.call, 71u + i);
    EXPECT_EQ(front.heard[i].reply.status, Status::done);
    EXPECT_EQ(front.heard[i].reply.body, Bytes{static_cast<std::uint8_t>(71 + i)});
  }
}

TEST(Gateway, ForwardsTheRequestAsItCameButForCallAndBudget) {
  Front front;
  front.voter(1).handler = done;
  front.ask(at_ms(10), 71, milliseconds(400));
  front.run_until(at_ms(500));
  ASSERT_EQ(front.voter(1).seen.size(), 1u);
  const Request& seen = front.voter(1).seen[0].request;
  EXPECT_EQ(seen.operation, OperationId(71));
  EXPECT_EQ(seen.kind, RequestKind::read);
  EXPECT_EQ(seen.body, Bytes{'k'});
  EXPECT_EQ(seen.budget, milliseconds(300));
}

TEST(Gateway, AsksTheNextVoterAfterATimeOut) {
  Front front;
  front.ask(at_ms(10), 1, seconds(2));
  front.run_until(at_ms(9'000));
  const auto forwards = front.events(EventKind::request_forwarded);
  EXPECT_EQ(front.asked(), (Nodes{1, 2, 3, 1, 2}));
  ASSERT_EQ(forwards.size(), 5u);
  for (std::size_t i = 1; i < 5; ++i) {
    EXPECT_EQ(forwards[i].at - forwards[i - 1].at, milliseconds(400)) << i;
  }
}

TEST(Gateway, ForgetsALeaderThatNoLongerAnswers) {
  Front front;
  front.voter(1).handler = done;
  front.voter(2).handler = done;
  front.ask(at_ms(10), 1, seconds(2));
  front.at(at_ms(50), [&] { front.voter(1).handler = always(reply_of(Status::not_leader)); });
  front.ask(at_ms(100), 2, seconds(2));
  front.ask(at_ms(800), 3, seconds(2));
  front.run_until(at_ms(1'500));
  EXPECT_EQ(front.asked(), (Nodes{1, 1, 1, 2, 2}));
  EXPECT_EQ(front.heard.size(), 3u);
}

TEST(Gateway, PausesLongerAndLongerWhileNobodyKnowsALeader) {
  Front front;
  for (std::uint32_t id = 1; id <= 3; ++id) {
    front.voter(id).handler = always(reply_of(Status::not_leader));
  }
  front.ask(at_ms(10), 1, seconds(1));
  front.run_until(at_ms(1'500));
  const auto forwards = front.events(EventKind::request_forwarded);
  ASSERT_GE(forwards.size(), 6u);
  const std::int64_t pauses_ms[] = {25, 50, 100, 200, 200};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(forwards[i + 1].at - forwards[i].at, milliseconds(pauses_ms[i] + 10)) << i;
  }
  EXPECT_LE(forwards.size(), 7u);
}

TEST(Gateway, AVoterThatCallsItselfALeaderAndRefusesIsNotAskedAtOnceAgain) {
  Front front;
  front.voter(1).handler = always(reply_of(Status::not_leader, NodeId(1)));
  front.voter(2).handler = always(reply_of(Status::not_leader, NodeId(1)));
  front.voter(3).handler = always(reply_of(Status::not_leader, NodeId(1)));
  front.ask(at_ms(10), 1, seconds(1));
  front.run_until(at_ms(1'500));
  EXPECT_LE(front.events(EventKind::request_forwarded).size(), 14u);
}

// Whether the replicas are silent or answer that they know of no leader, and at any phase of its
// pauses.
TEST(Gateway, SaysUnavailableAtThreeQuartersOfTheBudgetOrNearItsEnd) {
  for (const bool silent : {true, false}) {
    for (std::int64_t budget_ms = 100; budget_ms < 2'000; budget_ms += 52) {
      Front front;
      if (!silent) {
        for (std::uint32_t id = 1; id <= 3; ++id) {
          front.voter(id).handler = always(reply_of(Status::not_leader));
        }
      }
      front.ask(at_ms(10), 9, milliseconds(budget_ms));
      front.run_until(at_ms(3'000));
      ASSERT_EQ(front.heard.size(), 1u);
      EXPECT_EQ(front.heard[0].reply.call, 9u);
      EXPECT_EQ(front.heard[0].reply.status, Status::unavailable);
      const std::int64_t kept_ms = std::min<std::int64_t>(budget_ms / 4, 200);
      EXPECT_EQ(front.heard[0].at, at_ms(20 + budget_ms - kept_ms)) << budget_ms;
    }
  }
}

TEST(Gateway, SaysUnavailableAtOnceWhereNoTimeIsLeft) {
  Front front;
  front.ask(at_ms(10), 1, Duration());
  front.ask(at_ms(10), 2, milliseconds(-5));
  front.run_until(at_ms(100));
  ASSERT_EQ(front.heard.size(), 2u);
  for (const auto& [at, reply] : front.heard) {
    EXPECT_EQ(reply.status, Status::unavailable);
    EXPECT_EQ(at, at_ms(20));
  }
  EXPECT_TRUE(front.asked().empty());
}

TEST(Gateway, HoldsNoPlaceForAClientThatWouldWaitForEver) {
  Front front;
  front.ask(at_ms(10), 1, Duration::max());
  front.run_until(at_ms(60'000));
  ASSERT_EQ(front.heard.size(), 1u);
  EXPECT_EQ(front.heard[0].reply.status, Status::unavailable);
}

TEST(Gateway, RefusesAnUnknownShardAtOnce) {
  Front front;
  front.ask(at_ms(10), 5, seconds(1), ShardId(1));
  front.run_until(at_ms(100));
  ASSERT_EQ(front.heard.size(), 1u);
  EXPECT_EQ(front.heard[0].reply.call, 5u);
  EXPECT_EQ(front.heard[0].reply.status, Status::refused);
  EXPECT_EQ(front.heard[0].at, at_ms(20));
}

TEST(Gateway, RefusesWhatIsOneTooManyUntilAPlaceIsFree) {
  Front front(2);
  front.voter(1).handler = done;
  front.voter(1).delay = milliseconds(50);
  for (std::uint64_t call = 1; call <= 3; ++call) front.ask(at_ms(10), call, seconds(1));
  front.ask(at_ms(200), 4, seconds(1));
  front.run_until(at_ms(500));
  ASSERT_EQ(front.heard.size(), 4u);
  EXPECT_EQ(front.heard[0].reply.call, 3u);
  EXPECT_EQ(front.heard[0].reply.status, Status::refused);
  EXPECT_EQ(front.heard[0].at, at_ms(20));
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(front.heard[i].reply.status, Status::done);
  EXPECT_EQ(front.heard[3].reply.call, 4u);
}

TEST(Gateway, DropsWhatItCannotRead) {
  Front front;
  const Bytes good = encode(Channel::request, Request{.call = 1,
                                                      .shard = ShardId(0),
                                                      .kind = RequestKind::read,
                                                      .operation = OperationId(1),
                                                      .budget = seconds(1),
                                                      .body = {'k'}});
  for (std::size_t size = 0; size < good.size(); ++size) {
    front.send(at_ms(10), Bytes(good.data(), good.data() + size));
  }
  front.send(at_ms(10), {static_cast<std::uint8_t>(Channel::reply), 0x80});
  front.run_until(at_ms(2'000));
  EXPECT_TRUE(front.heard.empty());
  EXPECT_TRUE(front.asked().empty());
}

// At once, or from the second where the first certainly did nothing.
TEST(Gateway, PassesARefusalOn) {
  for (const bool second : {false, true}) {
    Front front;
    front.voter(1).handler =
        always(second ? reply_of(Status::not_leader, NodeId(2)) : reply_of(Status::refused));
    front.voter(2).handler = always(reply_of(Status::refused));
    front.ask(at_ms(10), 1, seconds(1));
    front.run_until(at_ms(500));
    ASSERT_EQ(front.heard.size(), 1u);
    EXPECT_EQ(front.heard[0].reply.status, Status::refused);
    EXPECT_EQ(front.asked(), second ? (Nodes{1, 2}) : (Nodes{1}));
  }
}

// By a time-out, or by a leader that had it and leads no more.
TEST(Gateway, CallsNothingRefusedThatMayHaveItsEffectElsewhere) {
  for (const bool silent : {true, false}) {
    Front front;
    if (!silent) front.voter(1).handler = always(reply_of(Status::deposed, NodeId(2)));
    front.voter(2).handler = always(reply_of(Status::refused));
    front.ask(at_ms(10), 1, seconds(1));
    front.run_until(at_ms(900));
    ASSERT_EQ(front.heard.size(), 1u);
    EXPECT_EQ(front.heard[0].reply.status, Status::unavailable);
    EXPECT_EQ(front.asked(), (Nodes{1, 2}));
  }
}

TEST(Gateway, TakesTheSecondCopyOfARequestForNone) {
  Front front(1);
  front.voter(1).handler = done;
  front.voter(1).delay = milliseconds(50);
  for (const std::uint64_t call : {1u, 1u, 2u}) front.ask(at_ms(10), call, seconds(1));
  front.ask(at_ms(200), 2, seconds(1));
  front.run_until(at_ms(500));
  ASSERT_EQ(front.heard.size(), 2u);
  EXPECT_EQ(front.heard[0].reply.status, Status::refused);
  EXPECT_EQ(front.heard[0].reply.call, 2u);
  EXPECT_EQ(front.heard[1].reply.status, Status::done);
  EXPECT_EQ(front.asked(), Nodes{1});
  EXPECT_EQ(front.events(EventKind::request_shed).size(), 1u);
}

// 400 requests at once that voter 1 lets time out.
void ask_many(Front& front) {
  for (std::uint64_t call = 1; call <= 400; ++call) front.ask(at_ms(10), call, seconds(4));
}

TEST(Gateway, AsksAgainForATenthAndAFewMore) {
  Front front;
  ask_many(front);
  front.run_until(at_ms(6'000));
  EXPECT_EQ(front.asked().size(), 400 + RetryBudget::floor + 40);
  EXPECT_EQ(front.heard.size(), 400u);
}

TEST(Gateway, WhoMayNotAskAgainDoesSoOnceAnotherLeaderIsKnown) {
  Front front;
  ask_many(front);
  front.voter(2).handler = done;
  front.run_until(at_ms(600));
  ASSERT_EQ(front.heard.size(), 400u);
  for (const auto& [at, reply] : front.heard) EXPECT_EQ(reply.status, Status::done);
}

// A thousand requests a second for 600 ms, at a gateway that takes 5 ms for each wake-up.
struct Rush {
  explicit Rush(bool careless) : front(10'000, {}, careless) {
    front.voter(1).handler = done;
    front.at(at_ms(5), [this] { front.node(0).slow(250'000, 0); });
    for (std::int64_t call = 1; call <= 600; ++call) {
      front.ask(at_ms(10 + call), static_cast<std::uint64_t>(call), seconds(2));
    }
    front.run_until(at_ms(10'000));
    for (const auto& [at, reply] : front.heard) refused += reply.status == Status::refused;
  }
  Front front;
  std::size_t refused = 0;
};

TEST(Gateway, RefusesWhatWouldWaitTooLongForItsTaskToRun) {
  const Rush rush(false);
  EXPECT_EQ(rush.front.heard.size(), 600u);
  EXPECT_GE(rush.refused, 100u);
  EXPECT_EQ(rush.front.events(EventKind::request_shed).size(), rush.refused);
}

#ifdef BLACKOUT_PLANTED_BUGS
TEST(PlantedBugs, NeverShedTakesWhateverComes) { EXPECT_EQ(Rush(true).refused, 0u); }
#endif

TEST(Gateway, GivesNoAnswerOfACallThatItForgotToAnother) {
  Front front;
  front.voter(1).handler = done;
  front.voter(1).delay = milliseconds(700);  // later than one attempt
  front.voter(2).handler = done;
  front.voter(2).delay = milliseconds(350);
  front.ask(at_ms(10), 1, seconds(4));
  front.ask(at_ms(500), 2, seconds(4));
  front.ask(at_ms(600), 3, seconds(4));
  front.run_until(at_ms(5'000));
  ASSERT_EQ(front.heard.size(), 3u);
  for (const auto& [at, reply] : front.heard) {
    EXPECT_EQ(reply.status, Status::done);
    EXPECT_EQ(reply.body, Bytes{static_cast<std::uint8_t>(reply.call)});
  }
}

TEST(Gateway, RestartedTakesNoAnswerThatWasMeantForItBefore) {
  Front front;
  front.voter(1).handler = done;
  front.voter(1).delay = milliseconds(300);
  front.ask(at_ms(10), 1, seconds(2));
  front.at(at_ms(50), [&] {
    front.node(0).stop(node::StopMode::process_crash);
    front.node(0).start();
  });
  front.ask(at_ms(200), 2, seconds(2));
  front.run_until(at_ms(3'000));
  ASSERT_EQ(front.heard.size(), 1u);
  EXPECT_EQ(front.heard[0].reply.call, 2u);
  EXPECT_EQ(front.heard[0].reply.body, Bytes{2});
}

// Of three regions, of epoch 2: without `out`.
Bytes plan_without(std::uint16_t out) {
  placement::RoutingPlan plan(3);
  plan.apply({placement::RouteChange::fail, RegionId(out), std::nullopt});
  Bytes bytes;
  plan.encode(bytes);
  return bytes;
}

Request routed(std::uint64_t call, std::uint64_t epoch) {
  return {call, ShardId(0), RequestKind::read, OperationId(call), seconds(1), {'k'}, epoch};
}

TEST(Gateway, OutOfServiceSendsWhoeverCameByAnOlderPlanElsewhere) {
  Front front(10'000, plan_without(0));
  front.voter(1).handler = done;
  for (const std::uint64_t epoch : {0, 1, 2, 3}) {
    front.send(at_ms(10), encode(Channel::request, routed(epoch + 1, epoch)));
  }
  front.run_until(at_ms(500));
  ASSERT_EQ(front.heard.size(), 4u);
  for (const auto& [at, reply] : front.heard) {
    EXPECT_EQ(reply.status, reply.call <= 2 ? Status::rerouted : Status::done) << reply.call;
    EXPECT_EQ(reply.body == plan_without(0), reply.call <= 2);
  }
  EXPECT_EQ(front.events(EventKind::request_rerouted).size(), 2u);
  EXPECT_EQ(front.voter(1).seen.size(), 2u);
}

TEST(Gateway, InServiceServesWhateverPlanAClientCameBy) {
  Front front(10'000, plan_without(1));
  front.voter(1).handler = done;
  front.send(at_ms(10), encode(Channel::request, routed(1, 1)));
  front.run_until(at_ms(500));
  ASSERT_EQ(front.heard.size(), 1u);
  EXPECT_EQ(front.heard[0].reply.status, Status::done);
}

TEST(Gateway, OutOfServiceAnswersProbesAllTheSame) {
  Front front(10'000, plan_without(0));
  front.voter(1).handler = done;
  Request probe = routed(1, 0);
  probe.kind = RequestKind::probe;
  front.send(at_ms(10), encode(Channel::request, probe));
  front.run_until(at_ms(500));
  ASSERT_EQ(front.heard.size(), 1u);
  EXPECT_EQ(front.heard[0].reply.status, Status::done);
}

}  // namespace
}  // namespace blackout::gateway
