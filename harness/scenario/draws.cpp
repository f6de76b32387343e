#include "harness/scenario/draws.hpp"

#include <algorithm>
#include <array>

#include "harness/scenario/fault_rules.hpp"
#include "harness/scenario/fields.hpp"
#include "harness/scenario/lint.hpp"
#include "harness/scenario/mix.hpp"
#include "host/base/check.hpp"
#include "sim/random/distributions.hpp"

namespace blackout::scenario {

namespace {

using fault::Shape;
using random::Key;

constexpr random::Probability half{500'000'000};

bool is_draw(const Node& node) {
  if (!node.is(NodeType::object) || node.children.size() != 1) return false;
  const std::string& key = node.children[0].key;
  return key == "uniform" || key == "log_uniform" || key == "exponential" || key == "choice";
}

// Of a checked quantity the unit tells which one it is.
Quantity quantity_in(std::string_view text) {
  if (text.starts_with('x')) return Quantity::factor;
  if (text.ends_with('%')) return Quantity::percent;
  if (text.ends_with("ppm")) return Quantity::signed_ppm;
  if (text.ends_with("bit/s")) return Quantity::bandwidth;
  if (text.ends_with('B')) return Quantity::bytes;
  return Quantity::signed_duration;
}

// Drawn values are cut to what a reader can compare, and what a text can say: whole microseconds
// from 1 ms, Kbit/s, shares with four decimals or, of small ones, six. Never below `low`.
std::int64_t legible(std::int64_t value, std::int64_t low, Quantity quantity) {
  std::int64_t step = 1;
  if (quantity == Quantity::percent) step = value < 1'000'000 ? 10 : 1'000;
  if (quantity == Quantity::bandwidth) step = 1'000;
  if (quantity == Quantity::signed_duration && (value > 1'000'000 || value < -1'000'000))
    step = 1'000;
  const std::int64_t beyond = (value % step + step) % step;
  return std::max(low, value - beyond);
}

Node drawn_between(const Node& draw, std::uint64_t bits) {
  const bool count = draw.children[0].is(NodeType::number);
  const Quantity quantity = count ? Quantity::bytes : quantity_in(draw.children[0].text);
  const auto end = [&](std::size_t i) {
    return count ? *integer_of(&draw.children[i]) : quantity_of(draw.children[i], quantity);
  };
  const std::int64_t low = end(0), high = end(1);
  const std::int64_t value = draw.key == "uniform" ? random::uniform(bits, low, high)
                                                   : random::log_uniform(bits, low, high);
  if (!count) return string_node(quantity_text(legible(value, low, quantity), quantity));
  Node node;
  node.type = NodeType::number;
  node.text = std::to_string(value);
  return node;
}

Node drawn(const Node& node, Key key) {
  const Node& draw = node.children[0];
  const std::uint64_t bits = key.draw(0);
  Node value;
  if (draw.key == "choice") {
    value = draw.children[random::below(bits, draw.children.size())];
  } else if (draw.key == "exponential") {
    const std::int64_t mean = quantity_of(draw, Quantity::duration);
    const std::int64_t ns = mean == 0 ? 0 : random::exponential(bits, mean);
    value =
        string_node(quantity_text(legible(ns, 0, Quantity::signed_duration), Quantity::duration));
  } else {
    value = drawn_between(draw, bits);
  }
  value.key = node.key;
  return value;
}

// Draws targets of one fault; every draw of a target has its own number in the stream.
class TargetDraw {
 public:
  TargetDraw(const Places& places, Key key) : places_(places), stream_(key) {}

  // An empty list where the world is too small for this fault.
  std::vector<std::string> draw(fault::Kind kind, Shape shape) {
    const fault::Target target = row_of(kind).target;
    if (target == fault::Target::shaped) return draw(shape);
    if (target == fault::Target::two_sides) return pair();
    return some(target_rule(kind, shape).levels[0], 1);
  }

 private:
  std::vector<std::string> draw(Shape shape) {
    const std::size_t servers = places_.servers();
    switch (shape) {
      case Shape::isolate_node:
        return some(Level::node, 1);
      case Shape::isolate_region:
      case Shape::clients:
        return some(Level::region, 1);
      case Shape::halves:
        return some(Level::node, servers / 2);
      case Shape::bridge:
        return some(Level::node, 1 + (servers - 1) / 2);
      case Shape::ring:
        return some(Level::node, servers);
      case Shape::cut:
        break;
    }
    return pair();
  }
  std::vector<std::string> pair() {
    return some(places_.regions() >= 2 ? Level::region : Level::node, 2);
  }
  // `count` different places, in drawn order (the first steps of Fisher and Yates).
  std::vector<std::string> some(Level level, std::size_t count) {
    std::vector<std::string> names = places_.names(level);
    if (count > names.size()) return {};
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t other = i + random::below(stream_.next(), names.size() - i);
      std::swap(names[i], names[other]);
    }
    names.resize(count);
    return names;
  }

  const Places& places_;
  random::Stream stream_;
};

// Who may stand for the one place of this level; empty where no role does.
std::string drawn_role(Level level, const Places& places, Key key) {
  if (level == Level::client_group) return {};
  const auto& groups = places.groups();
  const std::string& group = groups[random::below(key.draw(1), groups.size())].name;
  const std::string scope = level == Level::node ? "" : std::string(name_of(level)) + " of ";
  const std::uint64_t percent = random::below(key.draw(2), 100);
  if (level == Level::region && percent < 20) return "region with most leaders";
  if (percent < 60) return scope + "leader of " + group;
  return scope + (percent < 80 ? "follower most behind of " : "slowest in quorum of ") + group;
}

Node target_node(const std::vector<std::string>& names) {
  if (names.size() == 1) return string_node(names[0], "target");
  Node node;
  node.type = NodeType::array;
  node.key = "target";
  for (const std::string& name : names) node.children.push_back(string_node(name));
  return node;
}

// The generator as a strategy reads it, with its menu.
Node as_read(const Node& written, Strategy strategy) {
  Node generator = written;
  if (generator.find("menu") == nullptr) {
    generator.children.push_back(default_menu());
    generator.children.back().key = "menu";
  }
  if (strategy == Strategy::as_written) return generator;
  const auto replace = [](Node& object, std::string_view key, std::optional<Node> value) {
    std::erase_if(object.children, [&](const Node& member) { return member.key == key; });
    if (value) object.children.push_back(std::move(*value));
  };
  replace(generator, "by_role",
          string_node(strategy == Strategy::targeted ? "100%" : "0%", "by_role"));
  std::optional<Node> swarm;
  if (strategy == Strategy::swarm) {
    swarm.emplace();
    swarm->type = NodeType::object;
    swarm->key = "swarm";
    swarm->children.push_back(string_node("50%", "enable_each"));
  }
  if (strategy != Strategy::targeted) replace(generator, "swarm", std::move(swarm));
  if (strategy != Strategy::uniform) return generator;
  for (Node& entry : generator.find("menu")->children) {
    Node one = entry.get("weight");
    one.text = "1";
    replace(entry, "weight", std::move(one));
  }
  return generator;
}

// An event that a fault may wait for: an election, a failover or a vote of some group.
Node drawn_signal(const Places& places, Key key) {
  const auto& groups = places.groups();
  constexpr std::array events{"election", "failover", "vote"};
  Node on;
  on.type = NodeType::object;
  on.key = "on";
  on.children.push_back(string_node(events[random::below(key.draw(0), events.size())], "event"));
  on.children.push_back(
      string_node(groups[random::below(key.draw(1), groups.size())].name, "group"));
  const std::int64_t us = random::log_uniform(key.draw(2), 1'000, 500'000);
  if (random::happens(key.draw(3), half)) {
    on.children.push_back(string_node(quantity_text(us * 1'000, Quantity::duration), "after"));
  }
  return on;
}

void add_signal(Node& fault, const Node& on) {
  fault.children.insert(fault.children.begin() + 1, on);
}

// The entries of the menu that this run uses: each with its chance, but at least one.
std::vector<const Node*> enabled(const Node& generator, Key key) {
  std::vector<const Node*> all, chosen;
  for (const Node& entry : generator.get("menu").children) all.push_back(&entry);
  const Node* chance = at_path(generator, {"swarm", "enable_each"});
  if (chance == nullptr) return all;
  const random::Probability each{
      static_cast<std::uint32_t>(quantity_of(*chance, Quantity::percent))};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (random::happens(key.child(i).draw(0), each)) chosen.push_back(all[i]);
  }
  if (chosen.empty()) chosen.push_back(all[random::below(key.child("keep").draw(0), all.size())]);
  return chosen;
}

const Node& weighted(const std::vector<const Node*>& menu, std::uint64_t bits) {
  std::int64_t total = 0;
  for (const Node* entry : menu) total += *integer_of(&entry->get("weight"));
  auto left = static_cast<std::int64_t>(random::below(bits, static_cast<std::uint64_t>(total)));
  for (const Node* entry : menu) {
    left -= *integer_of(&entry->get("weight"));
    if (left < 0) return *entry;
  }
  CHECK(false, "a draw beyond the sum of the weights");
}

// One fault of the list from an entry of the menu, its end inside chaos.
Node fault_from(const Node& entry, Instant at, Instant chaos_end, random::Probability by_role,
                const Places& places, Key key) {
  Node made = entry;
  made.key.clear();
  std::erase_if(made.children, [](const Node& member) { return member.key == "weight"; });
  made.children.insert(made.children.begin(),
                       string_node(quantity_text(at.ns(), Quantity::duration), "at"));
  for (Node& member : made.children) replace_draws(member, key.child(member.key));
  if (made.find("target") == nullptr) {
    TargetDraw draw(places, key.child("target"));
    const fault::Kind kind = *kind_of(made);
    auto names = draw.draw(kind, shape_of(made));
    const Key role = key.child("role");
    if (names.size() == 1 && kind != fault::Kind::disk_restored &&
        random::happens(role.draw(0), by_role)) {
      const Level level = target_rule(kind, shape_of(made)).levels[0];
      const std::string name = drawn_role(level, places, role);
      if (!name.empty()) names = {name};
    }
    made.children.insert(made.children.begin() + 2, target_node(names));
  }
  if (Node* length = made.find("for")) {
    // A fault lasts, though a draw may give no time at all.
    const std::int64_t least = 1'000, most = (chaos_end - at).ns();
    const std::int64_t ns = quantity_of(*length, Quantity::duration);
    length->text = quantity_text(std::min(std::max(ns, least), most), Quantity::duration);
  }
  return made;
}

// Whether one node was drawn for this entry of the menu: it may as well be the one whose event the
// fault waits for.
bool draws_one_node(const Node& entry, const Node& fault) {
  return entry.find("target") == nullptr && fault.get("target").is(NodeType::string) &&
         target_rule(*kind_of(fault), shape_of(fault)).levels[0] == Level::node;
}

std::size_t active_at(const std::vector<FaultExtent>& taken, Instant at) {
  std::size_t active = 0;
  for (const FaultExtent& one : taken) active += one.end > at && one.lasts;
  return active;
}

}  // namespace

std::span<const std::string_view> strategy_names() {
  static constexpr std::array<std::string_view, 4> names{"as_written", "uniform", "swarm",
                                                         "targeted"};
  return names;
}

std::string_view name_of(Strategy strategy) {
  return strategy_names()[static_cast<std::size_t>(strategy)];
}

std::optional<Strategy> strategy_named(std::string_view name) {
  const auto names = strategy_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Strategy>(found - names.begin());
}

std::optional<std::string> first_undrawn(const Node& node) {
  if (is_draw(node) || node.key == "generate" || node.key == "causes") return std::string();
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const auto rest = first_undrawn(node.children[i]);
    if (!rest) continue;
    const std::string name = node.is(NodeType::array) ? std::to_string(i) : node.children[i].key;
    return rest->empty() ? name : name + "." + *rest;
  }
  return std::nullopt;
}

void replace_draws(Node& node, Key key) {
  if (is_draw(node)) {
    node = drawn(node, key);
    return;
  }
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    Node& child = node.children[i];
    if (child.key == "generate") continue;
    replace_draws(child, node.is(NodeType::array) ? key.child(i) : key.child(child.key));
  }
}

void replace_generator(Node& root, const Places& places, Key key, Strategy strategy,
                       const std::vector<Node>& given) {
  Node* faults = root.find("faults");
  const Node* found = faults->find("generate");
  if (found == nullptr) return;
  const Node generator = as_read(*found, strategy);
  const record::Timeline timeline = *timeline_of(root);
  const auto menu = enabled(generator, key.child("swarm"));
  const random::Probability by_role{static_cast<std::uint32_t>(
      quantity_or(generator, "by_role", Quantity::percent, by_role_default.ppb))};
  const auto active_max = integer_of(generator.find("active_max")).value_or(16);
  Node list;
  list.type = NodeType::array;
  list.key = "faults";
  std::vector<FaultExtent> taken;
  for (const Node& fault : given) {
    Report known = Report::unheard();
    taken.push_back(*fault_extent(fault, timeline, places, known));
  }
  // A moment that finds too much going on, its place taken or nothing to cut passes without a
  // fault.
  const auto place = [&](Node fault, Instant at) {
    if (active_at(taken, at) >= static_cast<std::size_t>(active_max)) return;
    Report refused = Report::unheard();
    const auto extent = fault_extent(fault, timeline, places, refused);
    if (!extent || colliding(taken, *extent) != nullptr) return;
    taken.push_back(*extent);
    list.children.push_back(std::move(fault));
  };
  Instant at = timeline.chaos_start();
  for (std::size_t ordinal = 0; list.children.size() < generated_faults_max; ++ordinal) {
    const Key own = key.child(ordinal);
    Node gap = generator.get("gap");
    replace_draws(gap, own.child("gap"));
    at = at + std::max(Duration(quantity_of(gap, Quantity::duration)), milliseconds(1));
    if (at >= timeline.calm_start()) break;
    const Node& entry = weighted(menu, own.child("entry").draw(0));
    const auto made = [&](Key of) {
      return fault_from(entry, at, timeline.calm_start(), by_role, places, of);
    };
    Node fault = made(own);
    const Key signal = own.child("signal");
    const bool waits = strategy == Strategy::targeted && fault.find("on") == nullptr &&
                       kind_of(fault) != fault::Kind::disk_restored &&
                       random::happens(signal.draw(9), half);
    if (!waits) {
      place(std::move(fault), at);
      continue;
    }
    const Node on = drawn_signal(places, signal);
    add_signal(fault, on);
    if (draws_one_node(entry, fault) && random::happens(signal.draw(8), half)) {
      fault.find("target")->text = "signaller";
    }
    place(std::move(fault), at);
    if (random::happens(signal.draw(7), half)) {
      Node second = made(own.child("second"));
      add_signal(second, on);
      place(std::move(second), at);
    }
  }
  *faults = std::move(list);
}

}  // namespace blackout::scenario
