// Two runs side by side: what they have in common, and which promises and faults changed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reports/record/run_record.hpp"
#include "reports/text/style.hpp"

namespace blackout::text {

// "same scenario, same seed, builds 4f1c9a2 and 91be07d".
std::string same_words(const record::RunRecord& a, const record::RunRecord& b);

// The promises of both, with what changed by more than a tenth, then the faults that only one of
// them has. Equal rows fold into a count, unless style.verbose.
std::string changes(const record::RunRecord& a, const record::RunRecord& b, const Style& style);

// The promises of a in their order, each with that of b if it has it, then those that only b has.
using ObjectivePair = std::pair<const record::ObjectiveRow*, const record::ObjectiveRow*>;
std::vector<ObjectivePair> paired_objectives(const record::RunRecord& a,
                                             const record::RunRecord& b);

// Of one run's faults those that the other has not, each as often as it is there: indices.
std::vector<std::size_t> faults_only_in(const record::RunRecord& run,
                                        const record::RunRecord& other);

}  // namespace blackout::text
