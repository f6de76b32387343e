#include "models/fault/catalogue.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace blackout::fault {
namespace {

TEST(Catalogue, HasOneRowForEachKindInItsOrderWithEveryColumnFilled) {
  std::set<std::string_view> names;
  std::size_t index = 0;
  for (const KindRow& row : catalogue()) {
    EXPECT_EQ(static_cast<std::size_t>(row.kind), index++) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(find_kind(row.name), &row);
    EXPECT_EQ(&row_of(row.kind), &row);
    EXPECT_FALSE(row.verb.empty() || row.effect.empty()) << row.name;
    EXPECT_TRUE(row.sentence.ends_with('.')) << row.name;
  }
  EXPECT_EQ(row_of(Kind::region_down).name, "region_down");
  EXPECT_EQ(find_kind("earthquake"), nullptr);
}

TEST(Catalogue, IsSortedByGroup) {
  const auto rows = catalogue();
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_LE(rows[i - 1].group, rows[i].group) << rows[i].name;
  }
}

TEST(Catalogue, HasOneRowForEachParameterInItsOrderAndAKindThatTakesIt) {
  std::size_t index = 0;
  for (const ParameterRow& row : parameters()) {
    EXPECT_EQ(static_cast<std::size_t>(row.parameter), index++) << row.name;
    EXPECT_NE(row.words.empty(), row.quantity.empty()) << row.name;
    bool used = false;
    for (const KindRow& kind : catalogue()) {
      for (const Use& use : kind.uses) used = used || use.parameter == row.parameter;
    }
    EXPECT_TRUE(used) << row.name;
  }
}

TEST(Catalogue, SetsTheMemberThatIsNamedAsTheParameter) {
  Fault fault;
  row_of(Parameter::mode).set(fault, 2);
  row_of(Parameter::shape).set(fault, 3);
  row_of(Parameter::direction).set(fault, 1);
  row_of(Parameter::rtt).set(fault, 2'000);
  row_of(Parameter::loss).set(fault, 7);
  row_of(Parameter::factor).set(fault, 5'000);
  row_of(Parameter::by).set(fault, -9);
  row_of(Parameter::drift).set(fault, -200);
  row_of(Parameter::moment).set(fault, 3);
  row_of(Parameter::count).set(fault, 40);
  row_of(Parameter::period).set(fault, 10);
  row_of(Parameter::down).set(fault, 11);
  row_of(Parameter::gap).set(fault, 12);
  row_of(Parameter::share).set(fault, 13);
  row_of(Parameter::delay).set(fault, 14);
  row_of(Parameter::tail_median).set(fault, 15);
  row_of(Parameter::tail_p99).set(fault, 16);
  row_of(Parameter::duplication).set(fault, 17);
  row_of(Parameter::reordering).set(fault, 18);
  row_of(Parameter::reordering_by).set(fault, 19);
  row_of(Parameter::bandwidth).set(fault, 20);
  row_of(Parameter::queue).set(fault, 21);
  row_of(Parameter::size).set(fault, 22);
  row_of(Parameter::duty).set(fault, 24);
  row_of(Parameter::memory).set(fault, 25);
  EXPECT_EQ(fault.mode, Mode::power_loss);
  EXPECT_EQ(fault.shape, Shape::bridge);
  EXPECT_EQ(fault.direction, Direction::one_way);
  EXPECT_EQ(fault.rtt_permille, 2'000U);
  EXPECT_EQ(fault.loss.ppb, 7U);
  EXPECT_EQ(fault.factor_permille, 5'000U);
  EXPECT_EQ(fault.by.ns(), -9);
  EXPECT_EQ(fault.drift_ppm, -200);
  EXPECT_EQ(fault.moment, Moment::after_send);
  EXPECT_EQ(fault.count, 40U);
  EXPECT_EQ(fault.period.ns(), 10);
  EXPECT_EQ(fault.down.ns(), 11);
  EXPECT_EQ(fault.gap.ns(), 12);
  EXPECT_EQ(fault.share.ppb, 13U);
  EXPECT_EQ(fault.delay.ns(), 14);
  EXPECT_EQ(fault.tail_median.ns(), 15);
  EXPECT_EQ(fault.tail_p99.ns(), 16);
  EXPECT_EQ(fault.duplication.ppb, 17U);
  EXPECT_EQ(fault.reordering.ppb, 18U);
  EXPECT_EQ(fault.reordering_by.ns(), 19);
  EXPECT_EQ(fault.bandwidth_bits_per_s, 20U);
  EXPECT_EQ(fault.queue_bytes, 21U);
  EXPECT_EQ(fault.size_bytes, 22U);
  EXPECT_EQ(fault.duty.ppb, 24U);
  EXPECT_EQ(fault.memory_bytes, 25U);
}

TEST(Catalogue, WordsOfParametersAreTheirEnumeratorsInOrder) {
  const auto& modes = row_of(Parameter::mode).words;
  EXPECT_EQ(modes[static_cast<std::size_t>(Mode::process_crash)], "process_crash");
  EXPECT_EQ(modes[static_cast<std::size_t>(Mode::power_loss)], "power_loss");
  const auto& shapes = row_of(Parameter::shape).words;
  EXPECT_EQ(shapes[static_cast<std::size_t>(Shape::isolate_region)], "isolate_region");
  EXPECT_EQ(shapes[static_cast<std::size_t>(Shape::cut)], "cut");
  EXPECT_EQ(shapes[static_cast<std::size_t>(Shape::clients)], "clients");
  const auto& directions = row_of(Parameter::direction).words;
  EXPECT_EQ(directions[static_cast<std::size_t>(Direction::one_way)], "one_way");
  const auto& moments = row_of(Parameter::moment).words;
  EXPECT_EQ(moments[static_cast<std::size_t>(Moment::after_persist)], "after_persist");
  EXPECT_EQ(moments[static_cast<std::size_t>(Moment::after_send)], "after_send");
}

TEST(Fault, LinksAreOrderedBySenderThenReceiver) {
  const Link first{NodeId(1), NodeId(9)}, second{NodeId(2), NodeId(0)};
  EXPECT_LT(first, second);
}

}  // namespace
}  // namespace blackout::fault
