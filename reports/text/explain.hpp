// Why a run broke what it broke: the rule, what contradicts it, and the events that led there.
#pragma once

#include <string>

#include "reports/record/run_record.hpp"
#include "reports/text/style.hpp"

namespace blackout::text {

// The worst finding, or every one with style.verbose; a run without any is one sentence. Of many
// events the 40 that say most, unless style.verbose.
std::string explanation(const record::RunRecord& run, const std::string& directory,
                        const Style& style);

}  // namespace blackout::text
