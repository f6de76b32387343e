// The client's library against gateways that are played: whom it asks, whom it blames, when it
// gives up.
#include "platform/client/client.hpp"

#include <gtest/gtest.h>

#include "tests/platform/replica/machines.hpp"

namespace blackout::client {
namespace {

using replica::Reply;
using replica::Request;
using replica::Status;
using testing::at_ms;
using testing::Machines;
using testing::reply_of;
using testing::Scripted;

// Node 0 runs the client, nodes 1 to 3 play its gateways, nearest first.
class Edge : public Machines {
 public:
  using Body = std::function<void(env::Environment&, Client&)>;

  explicit Edge(std::function<Duration()> reply_time = {}) : Machines(4) {
    config.gateways = {NodeId(1), NodeId(2), NodeId(3)};
    config.reply_time = std::move(reply_time);
    for (std::uint32_t id = 1; id <= 3; ++id) start(id, gateway(id).program());
  }
  void run_client(Body body) {
    start(0, [this, body = std::move(body)](env::Environment& environment) {
      Client client(environment, config);
      environment.tasks.spawn("receive", [&client] { client.run(); });
      body(environment, client);
      environment.tasks.park();
    });
  }
  Scripted& gateway(std::uint32_t id) { return gateways_[id - 1]; }
  [[nodiscard]] std::size_t asked(std::uint32_t id) const { return gateways_[id - 1].seen.size(); }

  Config config;

 private:
  static std::optional<Reply> silence(const Request&) { return std::nullopt; }
  Scripted gateways_[3] = {{*this, silence}, {*this, silence}, {*this, silence}};
};

// An account whose newest entry is the request's own operation.
std::optional<Reply> done(const Request& request) {
  Reply reply = reply_of(Status::done);
  encode(ledger::Answer{ledger::AnswerCode::applied, 1, 1, request.operation, false}, reply.body);
  return reply;
}
Scripted::Handler always(Status status) {
  return [status](const Request&) { return reply_of(status); };
}

struct Outcome {
  std::optional<Error> error;
  ledger::Answer answer;
  std::uint32_t attempts = 0;
  Duration took;
};

Outcome write(env::Environment& environment, Client& client, std::uint64_t operation,
              Duration timeout, bool retry = true) {
  const Instant begin = environment.clock.monotonic();
  Call call{.deadline = begin + timeout, .retry = retry};
  const auto result =
      client.write(ShardId(0), *ledger::decode_command(testing::post(operation, "k")), call);
  Outcome outcome;
  if (result) {
    outcome.answer = result.value();
  } else {
    outcome.error = result.error();
  }
  outcome.attempts = call.attempts;
  outcome.took = environment.clock.monotonic() - begin;
  return outcome;
}

// One write as operation 5.
Outcome write_once(Edge& edge, Duration timeout, bool retry = true) {
  Outcome outcome;
  edge.run_client([&](env::Environment& environment, Client& client) {
    outcome = write(environment, client, 5, timeout, retry);
  });
  edge.run_until(at_ms(30'000));
  return outcome;
}

TEST(Client, AsksTheNearestGatewayAndReturnsItsAnswer) {
  Edge edge;
  edge.gateway(1).handler = done;
  const Outcome outcome = write_once(edge, seconds(5));
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.answer.last_operation, OperationId(5));
  EXPECT_EQ(outcome.attempts, 1u);
  EXPECT_EQ(outcome.took, Machines::one_way * 2);
}

TEST(Client, RetriesAtTheNextGatewayAfterATimeOutWithTheSameOperation) {
  Edge edge;
  edge.gateway(3).handler = done;
  const Outcome outcome = write_once(edge, seconds(10));
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.attempts, 3u);
  EXPECT_EQ(outcome.took, seconds(1) + seconds(2) + Machines::one_way * 2);
  std::vector<std::uint64_t> calls;
  for (std::uint32_t id = 1; id <= 3; ++id) {
    ASSERT_EQ(edge.asked(id), 1u);
    const Request& request = edge.gateway(id).seen[0].request;
    EXPECT_EQ(request.operation, OperationId(5));
    EXPECT_EQ(request.body, testing::post(5, "k"));
    EXPECT_EQ(std::count(calls.begin(), calls.end(), request.call), 0);
    calls.push_back(request.call);
  }
  const auto retries = edge.events(EventKind::operation_retried);
  ASSERT_EQ(retries.size(), 2u);
  EXPECT_EQ(retries[0].a, 5u);
  EXPECT_EQ(retries[0].b, 2u);
  EXPECT_EQ(retries[0].c, node_word(NodeId(2)));
}

TEST(Client, TellsTheGatewayHowLongItWillWait) {
  Edge edge;
  write_once(edge, milliseconds(1'500));
  EXPECT_EQ(edge.gateway(1).seen.at(0).request.budget, seconds(1));
  EXPECT_EQ(edge.gateway(2).seen.at(0).request.budget, milliseconds(500));
}

TEST(Client, StaysWithAGatewayThatSaysUnavailable) {
  Edge edge;
  edge.gateway(1).delay = milliseconds(700);
  edge.gateway(1).handler = [&](const Request& request) {
    return edge.asked(1) < 3 ? reply_of(Status::unavailable) : done(request);
  };
  const Outcome outcome = write_once(edge, seconds(10));
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.attempts, 3u);
  EXPECT_EQ(edge.asked(2) + edge.asked(3), 0u);
}

TEST(Client, ReturnsUnknownAtTheDeadlineAndNotLater) {
  for (const std::int64_t ms : {1, 300, 1'000, 3'500, 12'345}) {
    for (const bool unavailable : {false, true}) {
      Edge edge;
      for (std::uint32_t id = 1; id <= 3 && unavailable; ++id) {
        edge.gateway(id).handler = always(Status::unavailable);
        edge.gateway(id).delay = milliseconds(600);
      }
      const Outcome outcome = write_once(edge, milliseconds(ms));
      EXPECT_EQ(outcome.error, Error::unknown);
      EXPECT_EQ(outcome.took, milliseconds(ms));
    }
  }
}

TEST(Client, WithoutRetryMakesOneAttemptThatLastsUntilTheDeadline) {
  Edge edge;
  const Outcome outcome = write_once(edge, seconds(7), false);
  EXPECT_EQ(outcome.error, Error::unknown);
  EXPECT_EQ(outcome.attempts, 1u);
  EXPECT_EQ(outcome.took, seconds(7));
  EXPECT_EQ(edge.asked(1), 1u);
  EXPECT_EQ(edge.asked(2) + edge.asked(3), 0u);
}

TEST(Client, WithoutRetryUnavailableIsUnknown) {
  Edge edge;
  edge.gateway(1).handler = always(Status::unavailable);
  const Outcome outcome = write_once(edge, seconds(7), false);
  EXPECT_EQ(outcome.error, Error::unknown);
  EXPECT_EQ(outcome.attempts, 1u);
  EXPECT_EQ(outcome.took, Machines::one_way * 2);
}

TEST(Client, ARefusalOfTheFirstAttemptIsCertain) {
  Edge edge;
  edge.gateway(1).handler = always(Status::refused);
  const Outcome outcome = write_once(edge, seconds(7));
  EXPECT_EQ(outcome.error, Error::refused);
  EXPECT_EQ(outcome.attempts, 1u);
}

TEST(Client, ARefusalAfterATimeOutSaysNothingOfTheFirstAttempt) {
  Edge edge;
  edge.gateway(2).handler = always(Status::refused);
  edge.gateway(3).handler = done;
  const Outcome outcome = write_once(edge, seconds(10));
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(edge.asked(2), 1u);
  Edge none;
  none.gateway(2).handler = always(Status::refused);
  EXPECT_EQ(write_once(none, seconds(3)).error, Error::unknown);
}

TEST(Client, AnAnswerThatDoesNotDecodeIsUnknown) {
  Edge edge;
  edge.gateway(1).handler = always(Status::done);
  EXPECT_EQ(write_once(edge, seconds(3)).error, Error::unknown);
}

TEST(Client, AvoidsADeadGatewayForAWhileAndComesBackToTheNearest) {
  Edge edge;
  for (std::uint32_t id = 1; id <= 3; ++id) edge.gateway(id).handler = done;
  edge.node(1).stop(node::StopMode::process_crash);
  edge.at(at_ms(2'000), [&] { edge.node(1).start(); });
  std::vector<std::uint32_t> attempts;
  edge.run_client([&](env::Environment& environment, Client& client) {
    for (std::uint64_t second = 1; second <= 8; ++second) {
      attempts.push_back(write(environment, client, second, seconds(3)).attempts);
      environment.tasks.sleep(seconds(1));
    }
  });
  edge.run_until(at_ms(20'000));
  EXPECT_EQ(attempts, (std::vector<std::uint32_t>{2, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(edge.asked(2), 5u);  // blamed at 1 s, until 6 s
  EXPECT_EQ(edge.asked(1), 3u);
  EXPECT_EQ(edge.asked(3), 0u);
}

// Writes of operations 1 to 20, one each 100 ms, and of 50 beside them; gateway 1 answers all but
// the first so many requests of that one.
Outcome write_beside_others(Edge& edge, std::size_t unanswered) {
  edge.gateway(2).handler = done;
  edge.gateway(1).handler = [unanswered](const Request& request) mutable {
    const bool answers = request.operation != OperationId(50) || unanswered == 0;
    if (!answers) --unanswered;
    return answers ? done(request) : std::nullopt;
  };
  Outcome outcome;
  edge.run_client([&](env::Environment& environment, Client& client) {
    environment.tasks.spawn("write",
                            [&] { outcome = write(environment, client, 50, seconds(10)); });
    for (std::uint64_t operation = 1; operation <= 20; ++operation) {
      write(environment, client, operation, seconds(3));
      environment.tasks.sleep(milliseconds(100));
    }
    environment.tasks.park();
  });
  edge.run_until(at_ms(10'000));
  return outcome;
}

TEST(Client, IsNotSentAbroadByOneLostMessageOfAGatewayThatAnswersOthers) {
  Edge edge;
  const Outcome outcome = write_beside_others(edge, 1);
  EXPECT_EQ(outcome.attempts, 2u);
  EXPECT_EQ(edge.asked(2), 0u);
}

TEST(Client, LeavesAGatewayThatAnswersOthersButNotThisRequest) {
  Edge edge;
  const Outcome outcome = write_beside_others(edge, 9);
  EXPECT_EQ(outcome.attempts, 3u);
  EXPECT_EQ(outcome.took, seconds(1) + seconds(2) + Machines::one_way * 2);
  EXPECT_GE(edge.asked(2), 1u);
}

TEST(Client, AsksTheOneBlamedFirstWhereAllAreBlamed) {
  Edge edge;
  edge.run_client([&](env::Environment& environment, Client& client) {
    write(environment, client, 1, seconds(3));  // 1 and 2 time out
    write(environment, client, 2, seconds(1));  // and 3
    write(environment, client, 3, milliseconds(500));
  });
  edge.run_until(at_ms(10'000));
  ASSERT_EQ(edge.asked(1), 2u);
  EXPECT_EQ(edge.gateway(1).seen[1].request.operation, OperationId(3));
  EXPECT_EQ(edge.asked(2), 1u);
  EXPECT_EQ(edge.asked(3), 1u);
}

TEST(Client, GivesEachOfManyTasksItsOwnAnswer) {
  Edge edge;
  edge.gateway(1).handler = [&](const Request& request) {
    edge.gateway(1).delay = milliseconds(200 - 2 * static_cast<std::int64_t>(edge.asked(1)));
    return done(request);
  };
  std::uint64_t right = 0;
  edge.run_client([&](env::Environment& environment, Client& client) {
    for (std::uint64_t operation = 1; operation <= 90; ++operation) {
      environment.tasks.spawn("write", [&environment, &client, &right, operation] {
        const Outcome outcome = write(environment, client, operation, seconds(5));
        right += outcome.answer.last_operation == OperationId(operation);
      });
    }
    environment.tasks.park();
  });
  edge.run_until(at_ms(5'000));
  EXPECT_EQ(right, 90u);
}

TEST(Client, RestartedTakesNoAnswerThatWasMeantForItBefore) {
  Edge edge;
  edge.gateway(1).handler = done;
  edge.gateway(1).delay = milliseconds(300);
  std::vector<Outcome> outcomes;
  std::uint64_t operation = 0;
  edge.run_client([&](env::Environment& environment, Client& client) {
    outcomes.push_back(write(environment, client, ++operation, seconds(1)));
  });
  edge.at(at_ms(200), [&] {
    edge.node(0).stop(node::StopMode::power_loss);
    edge.node(0).start();
  });
  edge.run_until(at_ms(3'000));
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].answer.last_operation, OperationId(2));
}

// One write as operation 5, with this call.
Outcome write_with(Edge& edge, Call call) {
  Outcome outcome;
  edge.run_client([&](env::Environment& environment, Client& client) {
    const Instant begin = environment.clock.monotonic();
    call.deadline = begin + seconds(10);
    const auto result =
        client.write(ShardId(0), *ledger::decode_command(testing::post(5, "k")), call);
    if (!result) outcome.error = result.error();
    outcome.attempts = call.attempts;
    outcome.took = environment.clock.monotonic() - begin;
  });
  edge.run_until(at_ms(30'000));
  return outcome;
}

TEST(Client, InHasteAsksTheSameGatewayAtOnceAndThenIsPatientAgain) {
  Edge edge;
  edge.gateway(2).handler = done;
  const Outcome outcome =
      write_with(edge, {.deadline = {}, .hasty_attempts = 3, .hasty_attempt = milliseconds(20)});
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.attempts, 5u);
  EXPECT_EQ(edge.asked(1), 4u);
  EXPECT_EQ(edge.gateway(1).seen[2].request.budget, milliseconds(20));
  EXPECT_EQ(edge.gateway(1).seen[3].request.budget, seconds(1));
  EXPECT_EQ(outcome.took, milliseconds(60) + seconds(1) + Machines::one_way * 2);
}

TEST(Client, TakesARefusalOfAResumedRequestForNoAnswer) {
  for (const bool resumed : {false, true}) {
    Edge edge;
    for (std::uint32_t id = 1; id <= 3; ++id) edge.gateway(id).handler = always(Status::refused);
    const Outcome outcome = write_with(edge, {.deadline = {}, .resumed = resumed});
    EXPECT_EQ(outcome.error, resumed ? Error::unknown : Error::refused);
    EXPECT_EQ(edge.events(EventKind::operation_retried).size() + 1, outcome.attempts + resumed);
  }
}

TEST(Client, TakesOneReplyAfterTheOtherIfEachTakesTime) {
  Edge edge([] { return milliseconds(40); });
  edge.gateway(1).handler = done;
  std::vector<Duration> took;
  edge.run_client([&](env::Environment& environment, Client& client) {
    for (std::uint64_t operation = 5; operation < 8; ++operation) {
      environment.tasks.spawn("write", [&, operation] {
        took.push_back(write(environment, client, operation, seconds(5)).took);
      });
    }
    environment.tasks.sleep(seconds(6));
  });
  edge.run_until(at_ms(30'000));
  ASSERT_EQ(took.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(took[i], Machines::one_way * 2 + milliseconds(40) * static_cast<std::int64_t>(i + 1));
  }
}

// A plan of three regions, in each of which stands one gateway: region 0 is out, or none is.
Bytes plan_of(bool first_out, int changes_before = 0) {
  placement::RoutingPlan plan(3);
  const auto turn = [&](placement::RouteChange change) {
    plan.apply({change, RegionId(0), std::nullopt});
  };
  for (int i = 0; i < changes_before; ++i) {
    turn(placement::RouteChange::drain);
    turn(placement::RouteChange::restore);
  }
  if (first_out) turn(placement::RouteChange::drain);
  Bytes bytes;
  plan.encode(bytes);
  return bytes;
}

constexpr ShardId routes_shard{7};

// Edge whose gateways stand in regions 0 to 2 and answer for the routing plan.
class Routed : public Edge {
 public:
  Routed() {
    config.routes_shard = routes_shard;
    config.regions = {RegionId(0), RegionId(1), RegionId(2)};
    for (std::uint32_t id = 1; id <= 3; ++id) {
      gateway(id).handler = [this](const Request& request) {
        if (request.shard != routes_shard) return done(request);
        Reply reply = reply_of(Status::done);
        reply.body = plan;
        return std::optional(reply);
      };
    }
  }
  // Writes at each of these times, in ms; gives the gateway that each went to.
  std::vector<std::uint32_t> writes_at(const std::vector<std::int64_t>& times) {
    run_client([&times](env::Environment& environment, Client& client) {
      environment.tasks.spawn("routes", [&client] { client.follow_routes(); });
      const Instant start = environment.clock.monotonic();
      for (std::size_t i = 0; i < times.size(); ++i) {
        environment.tasks.sleep(start + milliseconds(times[i]) - environment.clock.monotonic());
        EXPECT_FALSE(write(environment, client, i + 1, milliseconds(300)).error);
      }
    });
    run_until(at_ms(times.back() + 1'000));
    std::vector<std::uint32_t> to(times.size());
    for (std::uint32_t id = 1; id <= 3; ++id) {
      for (const auto& seen : gateway(id).seen) {
        if (seen.request.shard != routes_shard) to[seen.request.operation.value() - 1] = id;
      }
    }
    return to;
  }

  Bytes plan = plan_of(false);
};

TEST(ClientRoutes, TheNearestRegionInServiceIsAsked) {
  Routed edge;
  edge.at(at_ms(2'000), [&] { edge.plan = plan_of(true); });
  edge.at(at_ms(6'000), [&] { edge.plan = plan_of(false, 1); });
  EXPECT_EQ(edge.writes_at({500, 4'000, 8'000}), (std::vector<std::uint32_t>{1, 2, 1}));
}

TEST(ClientRoutes, AnOlderPlanIsNotFollowed) {
  Routed edge;
  edge.plan = plan_of(true);
  edge.at(at_ms(2'000), [&] { edge.plan = plan_of(false); });
  EXPECT_EQ(edge.writes_at({1'500, 4'000}), (std::vector<std::uint32_t>{2, 2}));
}

TEST(ClientRoutes, ANameServiceThatLivesInThePastIsBelievedUntilAGatewayKnowsBetter) {
  Routed edge;
  edge.config.through_names = [](const Bytes&) { return plan_of(false); };
  edge.plan = plan_of(true);
  edge.at(at_ms(2'000), [&] {
    edge.gateway(1).handler = [&](const Request& request) {
      if (request.routes_epoch >= 2) return done(request);
      Reply reply = reply_of(Status::rerouted);
      reply.body = edge.plan;
      return std::optional(reply);
    };
  });
  EXPECT_EQ(edge.writes_at({1'500, 4'000}), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_TRUE(edge.events(EventKind::operation_retried).empty());
}

TEST(ClientRoutes, WhereNothingElseAnswersARegionOutOfServiceIsAsked) {
  Routed edge;
  edge.plan = plan_of(true);
  edge.at(at_ms(2'000), [&] {
    for (const std::uint32_t id : {2U, 3U}) edge.gateway(id).handler = always(Status::refused);
  });
  edge.run_client([](env::Environment& environment, Client& client) {
    environment.tasks.spawn("routes", [&client] { client.follow_routes(); });
    environment.tasks.sleep(seconds(3));
    Call call{.deadline = environment.clock.monotonic() + seconds(4), .resumed = true};
    EXPECT_TRUE(
        client.write(ShardId(0), *ledger::decode_command(testing::post(1, "k")), call).ok());
  });
  edge.run_until(at_ms(8'000));
}

TEST(ClientRoutes, AnOperatorHearsWhatBecameOfTheCommand) {
  Routed edge;
  edge.gateway(1).handler = [](const Request& request) {
    placement::RoutingPlan plan(3);
    const auto command = placement::decode_route_command(request.body);
    Reply reply = reply_of(Status::done);
    placement::encode(placement::RouteResult{plan.apply(*command), plan}, reply.body);
    return std::optional(reply);
  };
  edge.run_client([](env::Environment& environment, Client& client) {
    Call call{.deadline = environment.clock.monotonic() + seconds(1)};
    const auto result =
        client.steer({placement::RouteChange::drain, RegionId(2), std::nullopt}, call);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result.value().answer, placement::RouteAnswer::changed);
    EXPECT_TRUE(result.value().plan.drained(RegionId(2)));
  });
  edge.run_until(at_ms(2'000));
}

}  // namespace
}  // namespace blackout::client
