// Each kind of fault has an effect, and takes none where it is only recorded.
#include "harness/explore/proof.hpp"

#include <gtest/gtest.h>

namespace blackout::explore {
namespace {

class Faults : public ::testing::TestWithParam<fault::Kind> {};

TEST_P(Faults, HaveAnEffectThatTheRunWithoutThemLacks) {
  const Proof proof = prove(GetParam());
  EXPECT_GT(proof.effect, 0u);
  ASSERT_TRUE(proof.first);
  EXPECT_GE(proof.first->at, proof_start);
}

std::vector<fault::Kind> all_kinds() {
  std::vector<fault::Kind> kinds;
  for (const fault::KindRow& row : fault::catalogue()) kinds.push_back(row.kind);
  return kinds;
}

INSTANTIATE_TEST_SUITE_P(Kind, Faults, ::testing::ValuesIn(all_kinds()),
                         [](const auto& each) { return std::string(row_of(each.param).name); });

}  // namespace
}  // namespace blackout::explore
