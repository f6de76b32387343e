#include "reports/record/verdict.hpp"

namespace blackout::record {

const Finding* worst_finding(const Verdict& verdict) {
  for (const Finding& finding : verdict.findings) {
    if (finding.sentence == verdict.sentence) return &finding;
  }
  return verdict.findings.empty() ? nullptr : &verdict.findings.front();
}

}  // namespace blackout::record
