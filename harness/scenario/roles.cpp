#include "harness/scenario/roles.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "harness/scenario/fields.hpp"
#include "host/base/check.hpp"

namespace blackout::scenario {

namespace {

using fault::Signal;
using fault::TargetRole;

constexpr std::array role_rows{
    RoleRow{TargetRole::leader, "leader of", "the voter that was elected last"},
    RoleRow{TargetRole::follower_most_behind, "follower most behind of",
            "of the running voters that do not lead, the one with least on disk"},
    RoleRow{TargetRole::slowest_in_quorum, "slowest in quorum of",
            "the voter whose disk made the last majority"},
    RoleRow{TargetRole::bridge, "bridge of",
            "the voter connected to most pairs of voters that are cut from each other"},
    RoleRow{TargetRole::most_leaders, "region with most leaders",
            "the region in which most groups have their leader"},
    RoleRow{TargetRole::signaller, "signaller", "the voter whose event the fault waited for"},
};

constexpr std::array signal_rows{
    SignalRow{Signal::election, "election", "a voter of the group becomes leader"},
    SignalRow{Signal::failover, "failover",
              "a voter of the group suspects that the leader is gone"},
    SignalRow{Signal::vote, "vote",
              "a voter of the group has its vote for another on disk, and has not answered yet"},
    SignalRow{Signal::snapshot, "snapshot",
              "the leader of the group starts to send a snapshot to a voter"},
    SignalRow{Signal::mark, "mark", "the mark is reached (blackout list marks)"},
};

constexpr std::string_view in_zone = "zone of ", in_region = "region of ";

bool of_group(const RoleRow& row) { return row.phrase.ends_with(" of"); }

std::vector<std::string> group_names(const Places& places) {
  std::vector<std::string> names;
  for (const VoterGroup& group : places.groups()) names.push_back(group.name);
  return names;
}

std::optional<ShardId> read_group(std::string_view name, Position at, const Places& places,
                                  Report& report) {
  const auto& groups = places.groups();
  for (std::uint32_t g = 0; g < groups.size(); ++g) {
    if (groups[g].name == name) return ShardId(g);
  }
  report.add(Code::unknown_place, at, "unknown group " + quote(name),
             {suggestion(std::string(name), group_names(places))});
  return {};
}

std::vector<NodeId> voters_of(const fault::Aim& aim, const Places& places) {
  std::set<NodeId> voters;
  for (std::uint32_t g = 0; g < places.groups().size(); ++g) {
    if (aim.shard != no_shard && aim.shard != ShardId(g)) continue;
    voters.insert(places.groups()[g].voters.begin(), places.groups()[g].voters.end());
  }
  return {voters.begin(), voters.end()};
}

std::string ordinal(std::uint64_t n) {
  const bool teen = n % 100 / 10 == 1;
  const char* end = teen          ? "th"
                    : n % 10 == 1 ? "st"
                    : n % 10 == 2 ? "nd"
                    : n % 10 == 3 ? "rd"
                                  : "th";
  return std::to_string(n) + end;
}

}  // namespace

std::span<const RoleRow> roles() { return role_rows; }
std::span<const SignalRow> signals() { return signal_rows; }

bool is_role(std::string_view name) {
  return name == role_rows.back().phrase || name.find(' ') != std::string_view::npos;
}

const Place& RoleTarget::place_of(NodeId node, const Places& places) const {
  for (const Place* place : places.of_level(level)) {
    if (std::find(place->servers.begin(), place->servers.end(), node) != place->servers.end()) {
      return *place;
    }
  }
  CHECK(false, "a server stands in one place of each level");
}

std::optional<RoleTarget> read_role(const Node& name, const Places& places, Report& report) {
  std::string_view phrase = name.text;
  RoleTarget target;
  target.level = Level::node;
  if (phrase.starts_with(in_zone)) {
    target.level = Level::zone;
    phrase.remove_prefix(in_zone.size());
  } else if (phrase.starts_with(in_region)) {
    target.level = Level::region;
    phrase.remove_prefix(in_region.size());
  }
  std::vector<std::string> known;
  for (const RoleRow& row : role_rows) {
    const std::string start = std::string(row.phrase) + " ";
    known.push_back(of_group(row) ? start + "GROUP" : std::string(row.phrase));
    if (of_group(row) ? !phrase.starts_with(start) : phrase != row.phrase) continue;
    target.aim.role = row.role;
    if (of_group(row)) {
      const auto shard = read_group(phrase.substr(start.size()), name.at, places, report);
      if (!shard) return {};
      target.aim.shard = *shard;
    } else if (row.role == TargetRole::most_leaders) {
      if (phrase.size() != name.text.size()) break;
      target.level = Level::region;
    }
    target.candidates = voters_of(target.aim, places);
    return target;
  }
  report.add(Code::unknown_place, name.at, quote(name.text) + " is no role",
             {"write " + join_quoted(known, "or") +
              "; \"region of\" or \"zone of\" before one means where it stands"});
  return {};
}

std::optional<fault::Anchor> read_anchor(const Node& on, const Places& places, Report& report) {
  const Node* event = on.find("event");
  if (event == nullptr) return {};
  const auto row = std::find_if(signal_rows.begin(), signal_rows.end(),
                                [&](const SignalRow& one) { return one.name == event->text; });
  if (row == signal_rows.end()) return {};  // check_structure has said it
  fault::Anchor anchor;
  anchor.signal = row->signal;
  const bool marked = row->signal == Signal::mark;
  const std::string_view needed = marked ? "mark" : "group";
  const std::string_view foreign = marked ? "group" : "mark";
  const Node* subject = on.find(needed);
  if (const Node* said = on.find(foreign)) {
    report.add(Code::foreign_parameter, said->key_at,
               "the event " + quote(row->name) + " has no " + quote(foreign), {"remove it"});
  }
  if (subject == nullptr) {
    report.add(Code::missing_parameter, Position{on.at.line, on.at.column, 1},
               "the event " + quote(row->name) + " needs " + quote(needed),
               {"add " + quote(needed)});
    return {};
  }
  if (marked) {
    anchor.mark = subject->text;
  } else {
    const auto shard = read_group(subject->text, subject->at, places, report);
    if (!shard) return {};
    anchor.shard = *shard;
  }
  anchor.nth = static_cast<std::uint64_t>(integer_of(on.find("nth")).value_or(1));
  anchor.after = Duration(value_of(on.find("after"), Quantity::duration).value_or(0));
  return anchor;
}

std::string anchor_text(const fault::Anchor& anchor, const Places& places) {
  const std::string what =
      anchor.signal == Signal::mark
          ? "mark " + anchor.mark
          : std::string(signal_rows[static_cast<std::size_t>(anchor.signal)].name) + " of " +
                places.groups()[anchor.shard.value()].name;
  const std::string when =
      anchor.after == Duration() ? "at" : format_duration(anchor.after) + " after";
  return when + " the " + (anchor.nth == 1 ? "first" : ordinal(anchor.nth)) + " " + what;
}

}  // namespace blackout::scenario
