// Where two records part, and what came of it, for other programs.
#pragma once

#include <string>

#include "reports/record/json.hpp"

namespace blackout::json {

struct Named {
  const record::RunRecord& run;
  std::string directory;
};

// "comparison.v1": both runs, the first event that differs in both versions, the promises side by
// side, and the invariants and faults that only one of them broke or had.
record::Json comparison(const Named& a, const Named& b);

}  // namespace blackout::json
