#include "harness/world/world.hpp"

#include <algorithm>
#include <utility>

#include "harness/world/physics.hpp"

namespace blackout::world {
namespace {

constexpr Duration slice = milliseconds(250);
// After the last arrival: time for what is under way to end, and for followers to learn of it.
constexpr Duration drain = seconds(5);
constexpr Duration audit_limit = seconds(30);

fiber::Options fiber_options() {
  fiber::Options options;
  options.fibers_max = 40'000;
  return options;
}

// Makes a session visible to the workload for as long as the client host's program lives.
class OpenSession {
 public:
  OpenSession(workload::Host& host, env::Environment& environment,
              std::unique_ptr<system::Session> session)
      : host_(host), session_(std::move(session)) {
    host_.environment = &environment;
    host_.session = session_.get();
  }
  ~OpenSession() {
    host_.session = nullptr;
    host_.environment = nullptr;
  }
  OpenSession(const OpenSession&) = delete;
  OpenSession& operator=(const OpenSession&) = delete;

 private:
  workload::Host& host_;
  std::unique_ptr<system::Session> session_;
};

}  // namespace

World::World(const scenario::Plan& plan, system::System& system, MarkCounter marks)
    : plan_(plan),
      system_(system),
      kernel_(fiber_options()),
      recorder_(kernel_),
      hosts_(plan.facts.regions.size()),
      workload_(plan, kernel_, hosts_),
      runbook_(plan, hosts_),
      cluster_(kernel_, recorder_, random::Key(plan.facts.seed).child("world"), physics_of(plan)),
      corruption_(plan, system, recorder_),
      injector_(plan, kernel_, recorder_,
                {cluster_, workload_, runbook_,
                 [this](NodeId server, fault::Release release) { return program(server, release); },
                 corruption_},
                std::move(marks)),
      debugging_(plan, system) {}

World::~World() = default;

Result World::run(const Observer& observe, Instant until) {
  for (std::uint32_t i = 0; i < plan_.facts.nodes.size(); ++i) {
    if (plan_.facts.nodes[i].client_host) {
      start_client_host(NodeId(i));
    } else {
      cluster_.node(NodeId(i)).start(program(NodeId(i), fault::Release::current));
    }
  }
  schedule_phases();
  injector_.schedule();
  const Instant end = plan_.facts.timeline.end() + drain;
  if (advance(std::min(end, until), observe) && end < until) {
    kernel_.set_cause(EventId());
    recorder_.report(EventKind::phase_started, no_node, no_shard, 3);
    workload_.start_audit(audit_limit);
    const Instant give_up = std::min(kernel_.now() + audit_limit + seconds(1), until);
    while (!workload_.audit_finished() && kernel_.now() < give_up &&
           advance(std::min(kernel_.now() + slice, give_up), observe)) {
    }
  }
  return {recorder_.take(), workload_.take_history(), injector_.take_ledger(), std::move(failure_),
          kernel_.now(),    kernel_.fired()};
}

node::Program World::program(NodeId server, fault::Release release) {
  node::Program& program = programs_[{server, release}];
  if (!program) program = system_.program(plan_, server, release);
  return program;
}

void World::start_client_host(NodeId node) {
  const RegionId region = plan_.facts.nodes[node.value()].region;
  workload::Host& host = hosts_[region.value()];
  host.spawn = [this, node](const char* name, Callback body) {
    if (cluster_.node(node).state() == node::State::down) return false;
    cluster_.node(node).environment().tasks.spawn(name, std::move(body));
    return true;
  };
  cluster_.node(node).start([this, region, &host](env::Environment& environment) {
    const OpenSession open(host, environment,
                           system_.open_session(plan_, region, environment, client_world(region)));
    workload_.opened(region);
    environment.tasks.park();
  });
}

system::ClientWorld World::client_world(RegionId region) {
  return {.reply_time = [this, region] { return workload_.reply_time(region); },
          .routes_kept = [this, region] { return workload_.routes_kept(region); }};
}

void World::schedule_phases() {
  const record::Timeline& timeline = plan_.facts.timeline;
  const auto announce = [this](Instant when, std::uint64_t phase) {
    kernel_.at(when, [this, phase] {
      recorder_.report(EventKind::phase_started, no_node, no_shard, phase);
    });
  };
  announce(Instant(0), 0);
  announce(timeline.chaos_start(), 1);
  announce(timeline.calm_start(), 2);
  kernel_.at(Instant(0) + timeline.warmup / 2, [this] { workload_.start(); });
}

bool World::advance(Instant until, const Observer& observe) {
  while (kernel_.now() < until) {
    const kernel::Stop stop = kernel_.run_until(std::min(until, kernel_.now() + slice));
    if (observe) observe(kernel_.now());
    if (stop == kernel::Stop::livelock) {
      failure_ = {"livelock", "", "", "time stands still: the programs wake each other for ever",
                  kernel_.now()};
    }
    note_failure();
    if (failure_) return false;
  }
  return true;
}

void World::note_failure() {
  const auto& failure = cluster_.failure();
  if (!failure) return;
  std::string kind = "exception";
  if (failure->kind == node::Failure::Kind::check) kind = "check";
  if (failure->kind == node::Failure::Kind::guard) kind = "hermeticity";
  if (failure->text == "std::bad_alloc") kind = "memory";
  failure_ = {kind, plan_.facts.nodes[failure->node.value()].name, failure->task, failure->text,
              kernel_.now()};
}

}  // namespace blackout::world
