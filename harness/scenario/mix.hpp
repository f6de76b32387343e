// What a generator draws from where its file does not say.
//
// From studies of failures that partitions caused (Alquraan and others, OSDI 2018; Alfatafta and
// others on partial partitions, OSDI 2020): complete partitions 45 %, most of them of one node,
// partial ones 35 % (more than were found: they are tested least), one-way 15 %, flapping 5 %; most
// failures need one particular node cut off, so that 60 % of single targets are roles.
#pragma once

#include "harness/scenario/document.hpp"
#include "sim/random/distributions.hpp"

namespace blackout::scenario {

// As a "menu" of scenario files.
const Node& default_menu();

inline constexpr random::Probability by_role_default{600'000'000};

}  // namespace blackout::scenario
