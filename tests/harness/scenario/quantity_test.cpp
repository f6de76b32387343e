#include "harness/scenario/quantity.hpp"

#include <gtest/gtest.h>

namespace blackout::scenario {
namespace {

std::optional<std::int64_t> value(const std::string& text, Quantity quantity) {
  const auto read = read_quantity(string_node(text), quantity);
  if (!read) return {};
  return read.value();
}

TEST(Quantity, IsReadExactly) {
  EXPECT_EQ(value("250ms", Quantity::duration), 250'000'000);
  EXPECT_EQ(value("1.5s", Quantity::duration), 1'500'000'000);
  EXPECT_EQ(value("2min", Quantity::duration), 120'000'000'000);
  EXPECT_EQ(value("0.000001ms", Quantity::duration), 1);
  EXPECT_EQ(value("-3s", Quantity::signed_duration), -3'000'000'000);
  EXPECT_EQ(value("0.1%", Quantity::percent), 1'000'000);
  EXPECT_EQ(value("99.999999%", Quantity::percent), 999'999'990);
  EXPECT_EQ(value("x1.5", Quantity::factor), 1'500);
  EXPECT_EQ(value("4KiB", Quantity::bytes), 4'096);
  EXPECT_EQ(value("400/s", Quantity::rate), 400);
  EXPECT_EQ(value("1Gbit/s", Quantity::bandwidth), 1'000'000'000);
  EXPECT_EQ(value("-200ppm", Quantity::signed_ppm), -200);
}

TEST(Quantity, OverflowIsOutOfRangeAndNotAnotherValue) {
  const auto read = read_quantity(string_node("99999999999999999999999999h"), Quantity::duration);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, Code::out_of_range);
}

TEST(Quantity, TextReadsBackAsTheSameValue) {
  const std::int64_t values[] = {
      0, 1, 999, 1'000, 1'001, 1'500'000, 1'234'567'891, 45'000'000'000, -3'000'000'000, -1};
  for (const std::int64_t ns : values) {
    const std::string text = quantity_text(ns, Quantity::signed_duration);
    EXPECT_EQ(value(text, Quantity::signed_duration), ns) << text;
  }
  EXPECT_EQ(quantity_text(1'234'567'891, Quantity::duration), "1234.567891ms");
  EXPECT_EQ(quantity_text(45'000'000'000, Quantity::duration), "45s");
  EXPECT_EQ(quantity_text(123'456'780, Quantity::percent), "12.345678%");
  EXPECT_EQ(quantity_text(2'500, Quantity::factor), "x2.5");
  EXPECT_EQ(quantity_text(0, Quantity::percent), "0%");
}

}  // namespace
}  // namespace blackout::scenario
