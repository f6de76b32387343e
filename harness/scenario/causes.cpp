#include "harness/scenario/causes.hpp"

#include <algorithm>
#include <utility>

#include "harness/scenario/fields.hpp"
#include "sim/random/distributions.hpp"

namespace blackout::scenario {

namespace {

constexpr std::int64_t certain_ppb = 1'000'000'000;

Node fault_at(const Node& cause, const Node& brought, std::int64_t at_ns) {
  Node made = brought;
  made.key.clear();
  const Node* after = brought.find("after");
  const Node& said = after != nullptr ? *after : cause.get("at");
  Node at = string_node(quantity_text(at_ns, Quantity::duration), "at");
  at.at = said.at;
  at.key_at = said.key_at;
  std::erase_if(made.children,
                [](const Node& one) { return one.key == "after" || one.key == "chance"; });
  made.children.insert(made.children.begin(), std::move(at));
  if (const Node* name = cause.find("name")) {
    made.children.push_back(string_node(name->text, "cause"));
  }
  const Node* why = cause.find("why");
  if (why != nullptr && made.find("why") == nullptr) made.children.push_back(*why);
  return made;
}

}  // namespace

std::vector<Consequence> possible_consequences(const Node& root) {
  std::vector<Consequence> all;
  for (const Node& cause : items_of(root.find("causes"))) {
    const auto at = value_of(cause.find("at"), Quantity::duration);
    for (const Node& brought : items_of(cause.find("faults"))) {
      const Node* said = brought.find("after");
      const auto after = said == nullptr ? Span() : span_of(said, Quantity::duration);
      if (!at || !after) continue;
      const auto chance = value_of(brought.find("chance"), Quantity::percent);
      all.push_back({fault_at(cause, brought, *at + after->max), Duration(after->max - after->min),
                     chance.value_or(certain_ppb) == certain_ppb});
    }
  }
  return all;
}

std::vector<Node> take_consequences(Node& root, random::Key key) {
  std::vector<Node> all;
  const auto& causes = items_of(root.find("causes"));
  for (std::size_t i = 0; i < causes.size(); ++i) {
    const auto& faults = causes[i].get("faults").children;
    for (std::size_t j = 0; j < faults.size(); ++j) {
      const random::Probability chance{static_cast<std::uint32_t>(
          quantity_or(faults[j], "chance", Quantity::percent, certain_ppb))};
      if (!random::happens(key.child(i).child(j).draw(0), chance)) continue;
      const Duration at = duration_or(causes[i], "at", {}) + duration_or(faults[j], "after", {});
      all.push_back(fault_at(causes[i], faults[j], at.ns()));
    }
  }
  std::erase_if(root.children, [](const Node& member) { return member.key == "causes"; });
  return all;
}

}  // namespace blackout::scenario
