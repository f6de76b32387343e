// What each kind of fault takes: its parameters, and the number and level of its targets.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/places.hpp"
#include "models/fault/catalogue.hpp"

namespace blackout::scenario {

// How many places of which level a target names.
struct TargetRule {
  std::vector<Level> levels;
  std::size_t min = 1, max = 1;
};

fault::Kind kind_named(std::string_view name);           // of a checked word
std::int64_t word_named(const fault::ParameterRow& row,  // the index of a checked word
                        std::string_view word);
fault::Shape shape_of(const Node& fault);  // of a checked fault; cut where it has none
// As keys of a scenario file; with "for", unless the kind is a moment.
std::vector<std::string> parameters_of(fault::Kind kind);
TargetRule target_rule(fault::Kind kind, fault::Shape shape);

// The kind of a fault or menu entry; of a misspelt one the kind that was probably meant.
std::optional<fault::Kind> kind_of(const Node& fault);

// The names in a target: one string, or a list of them.
std::vector<const Node*> target_names(const Node& target);

// Parameters that are missing or foreign, and targets for every shape that may be drawn.
void check_fault(const Node& fault, const Places& places, Report& report);

}  // namespace blackout::scenario
