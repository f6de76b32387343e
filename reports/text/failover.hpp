// The first failover of a run as something to explain: the fault, what it did to the leader, the
// new leader, and its first answer.
#pragma once

#include <optional>

#include "reports/record/run_record.hpp"

namespace blackout::text {

// The first change of a shard's leader, from one node to another, while a fault held or after one;
// nothing where no leader changed so.
std::optional<record::Finding> failover_of(const record::RunRecord& run);

// What there is to explain of a run: its worst finding, or without any its failover.
std::optional<record::Finding> to_explain(const record::RunRecord& run);

}  // namespace blackout::text
