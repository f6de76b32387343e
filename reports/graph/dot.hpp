// The graph of causes as text in Graphviz's DOT language.
#pragma once

#include <string>

#include "reports/graph/causality.hpp"

namespace blackout::graph {

// Node and edge classes are the names of their kinds. Every string of the record is quoted.
std::string dot(const Causality& causality);

}  // namespace blackout::graph
