#include "platform/director/routing_machine.hpp"

#include "host/base/check.hpp"
#include "host/base/hash.hpp"
#include "platform/placement/routing.hpp"

namespace blackout::director {
namespace {

class RoutingMachine final : public replica::StateMachine {
 public:
  explicit RoutingMachine(std::size_t regions) : plan_(regions) {}

  [[nodiscard]] bool accepts(BytesView command, OperationId operation) const override {
    return operation == OperationId() && placement::decode_route_command(command).has_value();
  }

  bool apply(BytesView command, Bytes* answer) override {
    const auto decoded = placement::decode_route_command(command);
    CHECK(decoded.has_value(), "a committed entry does not decode");
    const placement::RouteAnswer given = plan_.apply(*decoded);
    if (answer != nullptr) placement::encode(placement::RouteResult{given, plan_}, *answer);
    return false;
  }

  [[nodiscard]] std::optional<Bytes> read(replica::RequestKind kind,
                                          BytesView body) const override {
    if (kind != replica::RequestKind::read || !body.empty()) return std::nullopt;
    Bytes plan;
    plan_.encode(plan);
    return plan;
  }

  [[nodiscard]] std::uint64_t checksum() const override {
    Bytes plan;
    plan_.encode(plan);
    return hash64(plan);
  }
  void encode(Bytes& state) const override { plan_.encode(state); }
  bool decode(BytesView state) override {
    const auto decoded = placement::RoutingPlan::decode(state);
    if (decoded) plan_ = *decoded;
    return decoded.has_value();
  }
#ifdef BLACKOUT_PLANTED_BUGS
  [[nodiscard]] std::unique_ptr<StateMachine> clone() const override {
    return std::make_unique<RoutingMachine>(*this);
  }
#endif

 private:
  placement::RoutingPlan plan_;
};

}  // namespace

std::unique_ptr<replica::StateMachine> make_routing(std::size_t regions) {
  return std::make_unique<RoutingMachine>(regions);
}

}  // namespace blackout::director
