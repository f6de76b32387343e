#include "harness/scenario/fault_rules.hpp"

#include <algorithm>

#include "harness/scenario/aim.hpp"
#include "harness/scenario/fields.hpp"
#include "harness/scenario/roles.hpp"
#include "host/base/check.hpp"

namespace blackout::scenario {

namespace {

using fault::Kind;
using fault::Need;
using fault::Parameter;
using fault::Shape;
using fault::Target;

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// None where one is missing that must be said.
std::vector<Shape> possible_shapes(const Node& fault, Kind kind) {
  const Node* shape = fault.find("shape");
  const auto& uses = row_of(kind).uses;
  if (shape == nullptr) {
    const bool needed = std::any_of(uses.begin(), uses.end(), [](const fault::Use& use) {
      return use.parameter == Parameter::shape && use.need == Need::required;
    });
    return needed ? std::vector<Shape>() : std::vector<Shape>{Shape::cut};
  }
  std::vector<const Node*> said{shape};
  if (const Node* choice = shape->find("choice")) {
    said.clear();
    for (const Node& item : choice->children) said.push_back(&item);
  }
  const auto& known = row_of(Parameter::shape).words;
  std::vector<Shape> possible;
  for (const Node* node : said) {
    const auto word = std::find(known.begin(), known.end(), node->text);
    if (word != known.end()) possible.push_back(static_cast<Shape>(word - known.begin()));
  }
  return possible;
}

// A value, or the ends of what may be drawn, beyond what the parameter can be.
void check_range(const Node& said, const fault::ParameterRow& row, Report& report) {
  const auto quantity = quantity_named(row.quantity);
  const auto span = quantity ? span_of(&said, *quantity) : std::optional<Span>();
  if (!span) return;
  const auto refuse = [&](std::int64_t value, const char* how, const char* remedy,
                          std::int64_t end) {
    report.add(Code::out_of_range, said.at,
               quote(row.name) + " of " + quantity_text(value, *quantity) + how,
               {remedy + quote(quantity_text(end, *quantity))});
  };
  if (span->min < row.least) return refuse(span->min, " is too little", "at least ", row.least);
  if (span->max > row.most) refuse(span->max, " is too much", "at most ", row.most);
}

// Parameters that say nothing alone, and figures that no distribution has.
void check_company(const Node& fault, const fault::KindRow& row, Report& report) {
  for (const fault::Use& use : row.uses) {
    const std::string_view key = row_of(use.parameter).name;
    if (!use.with || fault.find(key) == nullptr) continue;
    const std::string_view other = row_of(*use.with).name;
    if (fault.find(other) != nullptr) continue;
    report.add(Code::missing_parameter, fault.get(key).key_at,
               quote(key) + " says nothing without " + quote(other), {"add " + quote(other)});
  }
  const Node* p99 = fault.find("tail_p99");
  const auto median = span_of(fault.find("tail_median"), Quantity::duration);
  const auto high = span_of(p99, Quantity::duration);
  if (!median || !high || high->min >= median->max) return;
  report.add(Code::out_of_range, p99->at,
             "a \"tail_p99\" of " + format_duration(Duration(high->min)) +
                 " is below a \"tail_median\" of " + format_duration(Duration(median->max)),
             {"one in a hundred messages waits longer than \"tail_p99\", one in two longer than "
              "\"tail_median\""});
}

// Keys that some kind takes.
bool is_parameter(const std::string& key) {
  const auto rows = fault::parameters();
  return key == "for" ||
         std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.name == key; });
}

void check_parameters(const Node& fault, Kind kind, Report& report) {
  const std::vector<std::string> taken = parameters_of(kind);
  const fault::KindRow& row = row_of(kind);
  const std::string name(row.name);
  for (const Node& member : fault.children) {
    if (!is_parameter(member.key) || contains(taken, member.key)) continue;
    report.add(Code::foreign_parameter, member.key_at, name + " has no " + quote(member.key),
               {taken.empty() ? "remove it; it takes none"
                              : "remove it; it takes " + join_quoted(taken, "and")});
  }
  const Position start{fault.at.line, fault.at.column, 1};
  std::vector<std::string> some;
  bool any = false;
  for (const fault::Use& use : row.uses) {
    const std::string key(row_of(use.parameter).name);
    const bool said = fault.find(key) != nullptr;
    if (said) check_range(fault.get(key), row_of(use.parameter), report);
    if (use.need == Need::some) {
      some.push_back(key);
      any = any || said;
    } else if (use.need == Need::required && !said) {
      report.add(Code::missing_parameter, start, name + " needs " + quote(key),
                 {"add " + quote(key)});
    }
  }
  check_company(fault, row, report);
  if (some.empty() || any) return;
  report.add(Code::missing_parameter, start, name + " needs " + join_quoted(some, "or"),
             {"say how bad it is"});
}

// A backup is taken before the fault, of the disks that it will be put on.
void check_foreknown(const Node& fault, Report& report) {
  const auto refuse = [&](Position at, const char* what) {
    report.add(Code::bad_target, at,
               std::string("a backup is taken ahead, and ") + what + " is not known then",
               {"name the node and the time"});
  };
  if (const Node* on = fault.find("on")) refuse(on->key_at, "what it waits for");
  const Node* target = fault.find("target");
  if (target == nullptr) return;
  for (const Node* name : target_names(*target)) {
    if (is_role(name->text)) refuse(name->at, "who has the role");
  }
}

void check_signaller(const Node& fault, const Node& target, const Places& places, Report& report) {
  const Node* group = at_path(fault, {"on", "group"});
  for (const Node* name : target_names(target)) {
    Report refused = Report::unheard();  // aim_at says it
    const auto role = is_role(name->text) ? read_role(*name, places, refused) : std::nullopt;
    if (group != nullptr || !role || role->aim.role != fault::TargetRole::signaller) continue;
    report.add(Code::bad_target, name->at, "this fault waits for no event of a group",
               {"add \"on\" with an event of a group"});
  }
}

// A quantity at which the fault leaves everything as it is.
void check_strength(const Node& fault, Kind kind, Report& report) {
  for (const fault::Use& use : row_of(kind).uses) {
    const fault::ParameterRow& row = row_of(use.parameter);
    const auto quantity = quantity_named(row.quantity);
    // Of `some` another may be the strong one; room, age or pause of nothing is as bad as it gets.
    if (!quantity || use.need == Need::some || use.parameter == Parameter::free ||
        use.parameter == Parameter::taken || use.parameter == Parameter::gap) {
      continue;
    }
    const Node* said = fault.find(row.name);
    const auto span = span_of(said, *quantity);
    const std::int64_t idle = *quantity == Quantity::factor ? 1'000 : 0;
    if (row.least > idle) continue;  // check_range has said it
    if (!span || span->min != idle || span->max != idle) continue;
    report.add(Code::out_of_range, said->at,
               std::string(row_of(kind).name) + " with " + quote(row.name) + " of " +
                   quote(said->text) + " changes nothing",
               {"give it another value, or take the fault out"});
  }
}

}  // namespace

Kind kind_named(std::string_view name) {
  const fault::KindRow* row = fault::find_kind(name);
  CHECK(row != nullptr, std::string(name));
  return row->kind;
}

std::int64_t word_named(const fault::ParameterRow& row, std::string_view word) {
  const auto found = std::find(row.words.begin(), row.words.end(), word);
  CHECK(found != row.words.end(), std::string(word));
  return found - row.words.begin();
}

Shape shape_of(const Node& fault) {
  const Node* shape = fault.find("shape");
  if (shape == nullptr) return Shape::cut;
  return static_cast<Shape>(word_named(row_of(Parameter::shape), shape->text));
}

std::vector<std::string> parameters_of(Kind kind) {
  const fault::KindRow& row = row_of(kind);
  std::vector<std::string> all;
  for (const fault::Use& use : row.uses) all.emplace_back(row_of(use.parameter).name);
  if (!row.momentary()) all.emplace_back("for");
  return all;
}

TargetRule target_rule(Kind kind, Shape shape) {
  constexpr std::size_t many = 256;
  const std::vector<Level> any{Level::region, Level::zone, Level::node};
  switch (row_of(kind).target) {
    case Target::nodes:
      return {{Level::node}, 1, many};
    case Target::zones:
      return {{Level::zone}, 1, many};
    case Target::regions:
    case Target::region_share:
      return {{Level::region}, 1, many};
    case Target::machines:
      return {{Level::node, Level::zone, Level::region}, 1, many};
    case Target::two_sides:
      return {any, 2, 2};
    case Target::clients:
      return {{Level::client_group, Level::region}, 1, many};
    case Target::client_hosts:
      return {{Level::region}, 1, many};
    case Target::shaped:
      break;
  }
  switch (shape) {
    case Shape::isolate_node:
      return {{Level::node}, 1, 1};
    case Shape::isolate_region:
      return {{Level::region}, 1, 1};
    case Shape::halves:
      return {any, 1, many};
    case Shape::bridge:
      return {{Level::node}, 2, many};
    case Shape::ring:
      return {{Level::node}, 4, many};
    case Shape::clients:
      return {{Level::region}, 1, many};
    case Shape::cut:
      break;
  }
  return {any, 2, 2};
}

std::optional<Kind> kind_of(const Node& fault) {
  const Node* kind = fault.find("kind");
  if (kind == nullptr || !kind->is(NodeType::string)) return {};
  if (const fault::KindRow* row = fault::find_kind(kind->text)) return row->kind;
  std::vector<std::string> known;
  for (const fault::KindRow& row : fault::catalogue()) known.emplace_back(row.name);
  const std::string name = nearest(kind->text, known);
  if (name.empty()) return {};
  return kind_named(name);
}

std::vector<const Node*> target_names(const Node& target) {
  if (target.is(NodeType::string)) return {&target};
  std::vector<const Node*> names;
  for (const Node& name : target.children) {
    if (target.is(NodeType::array) && name.is(NodeType::string)) names.push_back(&name);
  }
  return names;
}

void check_fault(const Node& fault, const Places& places, Report& report) {
  const auto kind = kind_of(fault);
  if (!kind) return;
  check_parameters(fault, *kind, report);
  check_strength(fault, *kind, report);
  const Node* target = fault.find("target");
  if (const Node* on = fault.find("on")) (void)read_anchor(*on, places, report);
  if (*kind == Kind::disk_restored) check_foreknown(fault, report);
  if (target != nullptr) check_signaller(fault, *target, places, report);
  if (target == nullptr) return;
  const std::vector<Shape> possible = row_of(*kind).target == Target::shaped
                                          ? possible_shapes(fault, *kind)
                                          : std::vector<Shape>{Shape::cut};
  for (const Shape shape : possible) {
    (void)aim_at(*kind, shape, false, *target, places, report);
  }
}

}  // namespace blackout::scenario
