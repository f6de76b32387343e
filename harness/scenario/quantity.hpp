// Quantities with units, read exactly into integers (ux.md 3.3, rule 2).
//
//   duration, signed_duration   ns          "250ms" "1.5s" "2min" "-3s"
//   percent                     ppb         "0.1%"; 0 to 1'000'000'000
//   factor                      permille    "x3" "x1.5"
//   bytes, rate, bandwidth      1, /s, bit/s  "512B" "400/s" "1Gbit/s"
//   ppm, signed_ppm             ppm         "50ppm" "-200ppm"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/scenario/codes.hpp"
#include "harness/scenario/document.hpp"
#include "host/base/result.hpp"

namespace blackout::scenario {

enum class Quantity : std::uint8_t {
  duration,
  signed_duration,
  percent,
  factor,
  bytes,
  rate,
  bandwidth,
  ppm,
  signed_ppm
};
std::string_view name_of(Quantity quantity);  // as in the schema's definitions
std::optional<Quantity> quantity_named(std::string_view name);

struct QuantityError {
  Code code{};
  std::string sentence, remedy;
};

Result<std::int64_t, QuantityError> read_quantity(const Node& node, Quantity quantity);
// Of a node that has been checked.
std::int64_t quantity_of(const Node& node, Quantity quantity);

// The shortest text that reads back as the same value: the largest unit with at most six decimals.
std::string quantity_text(std::int64_t value, Quantity quantity);

}  // namespace blackout::scenario
