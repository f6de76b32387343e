// The graph of causes as a picture, and as a list for readers who do not see it.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "reports/graph/causality.hpp"

namespace blackout::html {

// Of the `listed` events the boxes are links to their rows.
std::string causality_figure(const graph::Causality& causality, const record::PlanFacts& plan,
                             const std::set<std::uint64_t>& listed);

}  // namespace blackout::html
