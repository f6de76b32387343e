// addressed: a message is sent to a node that exists. One to nobody was meant for somebody: its
// sender mistook what it knew, or used what it had already given up. O(1) per message lost.
#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class Addressed final : public Checker {
 public:
  explicit Addressed(const Case& facts)
      : Checker(facts, "addressed", {EventKind::message_dropped}) {}

  void on(const Event& event, EventId id) override {
    ++checked_;
    if (event.a != 0) return;
    found(event.at, id,
          facts_.node(event.node) + " sends " + std::to_string(event.b) + " bytes to nobody.",
          {{event.at, facts_.node(event.node), "sends to nobody", id}});
  }
};

}  // namespace

CheckerPtr addressed(const Case& facts) { return std::make_unique<Addressed>(facts); }

}  // namespace blackout::check
