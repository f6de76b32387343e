#include "harness/scenario/mix.hpp"

#include "harness/scenario/report.hpp"
#include "host/base/check.hpp"

namespace blackout::scenario {

namespace {

constexpr std::string_view menu_text = R"([
  { "kind": "partition", "weight": 45,
    "shape": { "choice": ["isolate_node", "isolate_node", "isolate_node", "isolate_region",
                          "halves"] },
    "for": { "log_uniform": ["200ms", "15s"] } },
  { "kind": "partition", "weight": 35, "shape": { "choice": ["bridge", "cut", "ring"] },
    "for": { "log_uniform": ["200ms", "15s"] } },
  { "kind": "partition", "weight": 15, "direction": "one_way",
    "shape": { "choice": ["isolate_node", "isolate_region", "cut", "bridge"] },
    "for": { "log_uniform": ["200ms", "15s"] } },
  { "kind": "link_flapping", "weight": 5, "shape": { "choice": ["isolate_node", "cut"] },
    "period": { "log_uniform": ["50ms", "2s"] }, "duty": { "uniform": ["20%", "80%"] },
    "for": { "log_uniform": ["1s", "15s"] } }
])";

}  // namespace

const Node& default_menu() {
  static const Node menu = [] {
    Report report("the default menu");
    auto parsed = parse(menu_text, report);
    CHECK(parsed.has_value() && !report.has_errors(), "the default menu is JSON");
    return *parsed;
  }();
  return menu;
}

}  // namespace blackout::scenario
