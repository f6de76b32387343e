// Which nodes, links and clients a fault's target and shape stand for.
#pragma once

#include <optional>
#include <vector>

#include "harness/scenario/places.hpp"
#include "harness/scenario/report.hpp"

namespace blackout::scenario {

// What a target stands for: one choice without fillers; or, where it names roles, one for each way
// to fill them that the fault can take.
struct Aimed {
  std::vector<fault::Aim> aims;
  std::vector<fault::Choice> choices;  // by fillers; not empty
};

// Reports what does not fit, or gives what the fault takes.
std::optional<Aimed> aim_at(fault::Kind kind, fault::Shape shape, bool one_way, const Node& target,
                            const Places& places, Report& report);

}  // namespace blackout::scenario
