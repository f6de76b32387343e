#include "platform/placement/routing.hpp"

#include "host/base/check.hpp"

namespace blackout::placement {
namespace {

constexpr std::uint8_t changes = 4;
constexpr std::uint8_t answers = 5;
constexpr std::uint8_t drained_bit = 1;
constexpr std::uint8_t failing_bit = 2;

}  // namespace

RoutingPlan::RoutingPlan(std::size_t regions) : epoch_(1), regions_(regions) {
  CHECK(regions <= regions_max);
}

const RoutingPlan::Region& RoutingPlan::at(RegionId region) const {
  static constexpr Region serving;
  return region.value() < regions_.size() ? regions_[region.value()] : serving;
}

bool RoutingPlan::serves(RegionId region) const { return at(region) == Region(); }
bool RoutingPlan::drained(RegionId region) const { return at(region).drained; }
bool RoutingPlan::failing(RegionId region) const { return at(region).failing; }

std::uint64_t RoutingPlan::out() const {
  std::uint64_t mask = 0;
  for (std::uint16_t r = 0; r < regions_.size(); ++r) {
    if (!serves(RegionId(r))) mask |= std::uint64_t{1} << r;
  }
  return mask;
}

std::size_t RoutingPlan::out_max() const { return regions_.size() / 2; }

RouteAnswer RoutingPlan::apply(const RouteCommand& command) {
  if (command.region.value() >= regions_.size()) return RouteAnswer::unknown_region;
  if (command.epoch && *command.epoch != epoch_) return RouteAnswer::stale;
  Region& region = regions_[command.region.value()];
  Region changed = region;
  switch (command.change) {
    case RouteChange::drain:
      changed.drained = true;
      break;
    case RouteChange::restore:
      changed.drained = false;
      break;
    case RouteChange::fail:
      changed.failing = true;
      break;
    case RouteChange::recover:
      changed.failing = false;
      break;
  }
  if (changed == region) return RouteAnswer::unchanged;
  std::size_t out_then = changed == Region() ? 0 : 1;
  for (const Region& each : regions_) {
    if (&each != &region && each != Region()) ++out_then;
  }
  if (changed != Region() && region == Region() && out_then > out_max()) return RouteAnswer::floor;
  region = changed;
  ++epoch_;
  return RouteAnswer::changed;
}

void RoutingPlan::encode(Bytes& out) const {
  Writer writer(out);
  writer.varint(epoch_);
  writer.varint(regions_.size());
  for (const Region& region : regions_) {
    writer.u8(static_cast<std::uint8_t>((region.drained ? drained_bit : 0) |
                                        (region.failing ? failing_bit : 0)));
  }
}

std::optional<RoutingPlan> RoutingPlan::decode(BytesView bytes) {
  Reader reader(bytes);
  RoutingPlan plan;
  plan.epoch_ = reader.varint();
  const std::uint64_t count = reader.varint();
  if (!reader.ok() || count > regions_max) return std::nullopt;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint8_t bits = reader.u8();
    if (bits > (drained_bit | failing_bit)) return std::nullopt;
    plan.regions_.push_back({(bits & drained_bit) != 0, (bits & failing_bit) != 0});
  }
  if (!reader.ok() || reader.left() != 0) return std::nullopt;
  return plan;
}

void encode(const RouteCommand& command, Bytes& out) {
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(command.change));
  writer.varint(command.region.value());
  writer.u8(command.epoch ? 1 : 0);
  if (command.epoch) writer.varint(*command.epoch);
}

std::optional<RouteCommand> decode_route_command(BytesView bytes) {
  Reader reader(bytes);
  const std::uint8_t change = reader.u8();
  const std::uint64_t region = reader.varint();
  const std::uint8_t conditional = reader.u8();
  RouteCommand command;
  if (conditional == 1) command.epoch = reader.varint();
  if (!reader.ok() || reader.left() != 0 || change >= changes || region >= regions_max ||
      conditional > 1) {
    return std::nullopt;
  }
  command.change = static_cast<RouteChange>(change);
  command.region = RegionId(static_cast<std::uint16_t>(region));
  return command;
}

void encode(const RouteResult& result, Bytes& out) {
  Writer(out).u8(static_cast<std::uint8_t>(result.answer));
  result.plan.encode(out);
}

std::optional<RouteResult> decode_route_result(BytesView bytes) {
  if (bytes.empty() || bytes[0] >= answers) return std::nullopt;
  auto plan = RoutingPlan::decode(bytes.subspan(1));
  if (!plan) return std::nullopt;
  return RouteResult{static_cast<RouteAnswer>(bytes[0]), std::move(*plan)};
}

}  // namespace blackout::placement
