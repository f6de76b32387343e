// The graph of causes as text in Graphviz's DOT language.
#pragma once

#include <string>

#include "reports/graph/causality.hpp"

namespace blackout::graph {

// Node and edge classes are the names of their kinds. Every string of the record is quoted. Without
// a graph it is one without nodes.
std::string dot(const std::optional<Causality>& causality);

}  // namespace blackout::graph
