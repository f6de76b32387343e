#include "harness/explore/proof.hpp"

#include "harness/scenario/scenario.hpp"
#include "harness/system/registry/registry.hpp"
#include "harness/world/world.hpp"
#include "host/base/check.hpp"

namespace blackout::explore {
namespace {

constexpr std::uint64_t seed = 1;

// Another node loses power meanwhile, and a region is drained: some faults show only at a start,
// some only when routes change.
constexpr std::string_view scenario_text = R"({
  "$schema": "schema/scenario.v1.schema.json",
  "name": "proof",
  "summary": "Five servers in three regions, and one fault.",
  "topology": {
    "use": "given",
    "region_rtt": [["eu-de", "eu-gb", "16ms"], ["eu-de", "eu-es", "30ms"],
                   ["eu-gb", "eu-es", "32ms"]],
    "zone_rtt": "1ms",
    "regions": {
      "eu-de": { "zones": 2, "nodes_per_zone": 1 },
      "eu-gb": { "zones": 2, "nodes_per_zone": 1 },
      "eu-es": { "zones": 1, "nodes_per_zone": 1 }
    }
  },
  "groups": [
    { "name": "orders", "keys": "", "voters": { "eu-de": 2, "eu-gb": 2, "eu-es": 1 },
      "acknowledge": "quorum", "election_timeout": ["1s", "2s"], "heartbeat": "200ms" }
  ],
  "director": { "voters": { "eu-de": 1, "eu-gb": 1, "eu-es": 1 },
                "election_timeout": ["1s", "2s"], "heartbeat": "200ms" },
  "workload": [
    { "name": "orders-eu", "from": "all", "clients": 9, "rate": "90/s",
      "mix": { "put": "60%", "get": "40%" },
      "keys": { "prefix": "o/", "count": 50, "pick": "uniform" },
      "value": "1KiB", "timeout": "2s" }
  ],
  "timeline": { "warmup": "5s", "chaos": "8s", "calm": "4s" },
  "faults": [
    { "at": "7s", "kind": "node_restart", "target": "eu-es-1", "for": "1s", "mode": "power_loss" },
    { "at": "8s", "kind": "region_drained", "target": "eu-gb", "for": "3s" },
    { "at": "6s", "kind": "KIND", EXAMPLE }
  ],
  "objectives": { "rpo": { "max": "0s" } },
  "expect": { "verdict": "pass" }
})";

void replace(std::string& text, std::string_view word, std::string_view with) {
  text.replace(text.find(word), word.size(), with);
}

scenario::Plan plan_of(fault::Kind kind) {
  const fault::KindRow& row = row_of(kind);
  scenario::Source source{"proof", std::string(scenario_text), ""};
  replace(source.text, "KIND", row.name);
  replace(source.text, "EXAMPLE", row.example);
  const auto loaded = scenario::load(source);
  CHECK(loaded.ok(), scenario::format_diagnostics(loaded.error(), source.text));
  return scenario::draw(loaded.value(), seed);
}

// Touches what faults may spoil. The reading of the wall decides where it writes, so that a trace
// tells two readings apart.
void probe(env::Environment& environment) {
  constexpr std::uint64_t places = 4096;
  const Bytes bytes(64, 1);
  if (const auto old = environment.disk.open("probe", false)) {
    (void)environment.disk.read(old.value(), 0, environment.disk.size(old.value()));
  }
  while (true) {
    environment.tasks.sleep(milliseconds(20));
    const auto file = environment.disk.open("probe", true);
    if (!file) continue;
    const auto milliseconds_now = environment.clock.wall().unix_ns / 1'000'000;
    const std::uint64_t place = static_cast<std::uint64_t>(milliseconds_now) % places;
    (void)environment.disk.write(file.value(), place * bytes.size(), bytes);
    (void)environment.disk.sync(file.value());
    (void)environment.disk.read(file.value(), place * bytes.size(), bytes.size());
  }
}

class Probed final : public system::System {
 public:
  [[nodiscard]] std::string name() const override { return inner_->name(); }
  [[nodiscard]] std::vector<std::string> planted() const override { return {}; }
  system::Program program(const scenario::Plan& plan, NodeId node,
                          fault::Release release) override {
    return [inner = inner_->program(plan, node, release)](env::Environment& environment) {
      environment.tasks.spawn("probe", [&environment] { probe(environment); });
      inner(environment);
    };
  }
  std::unique_ptr<system::Session> open_session(const scenario::Plan& plan, RegionId region,
                                                env::Environment& environment,
                                                system::ClientWorld world) override {
    return inner_->open_session(plan, region, environment, std::move(world));
  }

  std::optional<std::uint64_t> corrupt(NodeId node, ShardId shard, fault::Record record,
                                       std::uint64_t draw) override {
    return inner_->corrupt(node, shard, record, draw);
  }

 private:
  std::unique_ptr<system::System> inner_ = system::make_system();
};

// A model that says only how it is set proves nothing yet.
constexpr bool announces(EventKind kind) {
  return (kind >= EventKind::link_cut && kind <= EventKind::link_restored) ||
         (kind >= EventKind::link_held && kind <= EventKind::link_reset) ||
         kind == EventKind::disk_state_set || kind == EventKind::disk_sectors_damaged ||
         kind == EventKind::clock_stepped || kind == EventKind::clock_drift_set ||
         kind == EventKind::clock_state_set || kind == EventKind::state_corrupted;
}

// The first event of `with` that stands otherwise in `without`, whatever caused it.
std::optional<Event> first_consequence(const trace::Trace& with, const trace::Trace& without) {
  trace::KindSet kinds{};
  for (std::size_t k = 0; k < kinds.size(); ++k) kinds[k] = !announces(static_cast<EventKind>(k));
  trace::Cursor left(with), right(without);
  Event here, there;
  while (left.next_of(kinds, here)) {
    if (!right.next_of(kinds, there)) return here;
    here.cause = there.cause = EventId();
    if (here != there) return here;
  }
  return {};
}

world::Result run(const scenario::Plan& plan) {
  Probed system;
  world::World world(plan, system);
  return world.run();
}

}  // namespace

Proof prove(fault::Kind kind) {
  scenario::Plan plan = plan_of(kind);
  const world::Result with = run(plan);
  plan.faults[0].muted = true;
  const world::Result without = run(plan);
  return {kind, with.faults[0].effect, first_consequence(with.trace, without.trace)};
}

}  // namespace blackout::explore
