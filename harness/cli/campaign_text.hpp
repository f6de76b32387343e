// What a campaign found, for people and for other programs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/explore/campaign.hpp"
#include "reports/record/json.hpp"
#include "reports/text/style.hpp"

namespace blackout::cli {

// The finding of a run that differed when it was performed again.
inline constexpr std::string_view replay_differs = "replay";

struct Found {
  explore::Cluster cluster;
  std::string directory;  // of its first run's record
};

struct Ended {
  const explore::Campaign& campaign;
  std::vector<Found> found;  // by their first run
  Duration wall;
  bool cut_short = false;
};

std::string result_text(const Ended& ended, const text::Style& style);

// "campaign.v1"
record::Json campaign_document(const Ended& ended);

// JUnit XML, one test case a promise.
std::string junit(const Ended& ended, const std::vector<std::string>& promises);

// The summary as GitHub shows it below a job: what was found, each with its seed and the commands
// that replay and shrink it. Of very many the first are told and the rest is counted.
std::string markdown(const Ended& ended);

}  // namespace blackout::cli
