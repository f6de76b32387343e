#include "harness/scenario/quantity.hpp"

#include <array>
#include <optional>
#include <span>

#include "host/base/check.hpp"

namespace blackout::scenario {

namespace {

struct Unit {
  std::string_view suffix;
  std::int64_t scale;
};

constexpr std::array duration_units{
    Unit{"h", 3'600'000'000'000}, Unit{"min", 60'000'000'000}, Unit{"s", 1'000'000'000},
    Unit{"ms", 1'000'000},        Unit{"us", 1'000},           Unit{"ns", 1}};
constexpr std::array percent_units{Unit{"%", 10'000'000}};
constexpr std::array factor_units{Unit{"", 1'000}};
constexpr std::array byte_units{Unit{"GiB", 1 << 30}, Unit{"MiB", 1 << 20}, Unit{"KiB", 1 << 10},
                                Unit{"B", 1}};
constexpr std::array rate_units{Unit{"/s", 1}};
constexpr std::array bandwidth_units{Unit{"Gbit/s", 1'000'000'000}, Unit{"Mbit/s", 1'000'000},
                                     Unit{"Kbit/s", 1'000}};
constexpr std::array ppm_units{Unit{"ppm", 1}};

struct Grammar {
  Quantity quantity;
  std::string_view name;      // in the schema
  std::string_view article;   // "a duration"
  std::string_view examples;  // as a remedy
  std::string_view usual;     // the unit that a bare number most likely wants
  std::string_view prefix;
  std::span<const Unit> units;
  int decimals;
  std::int64_t min, max;
  std::string_view range;
};

constexpr std::int64_t hours_1000 = 3'600'000'000'000'000;
constexpr std::array grammars{
    Grammar{Quantity::duration, "duration", "a duration", "\"250ms\", \"1.5s\" or \"2min\"", "s",
            "", duration_units, 6, 0, hours_1000, "0s to 1000h"},
    Grammar{Quantity::signed_duration, "signed_duration", "a duration", "\"-3s\" or \"250ms\"", "s",
            "", duration_units, 6, -hours_1000, hours_1000, "-1000h to 1000h"},
    Grammar{Quantity::percent, "percent", "a share", "\"0.1%\" or \"50%\"", "%", "", percent_units,
            6, 0, 1'000'000'000, "0% to 100%"},
    Grammar{Quantity::factor, "factor", "a factor", "\"x3\" or \"x1.5\"", "", "x", factor_units, 3,
            1'000, 1'000'000, "x1 to x1000"},
    Grammar{Quantity::bytes, "bytes", "a size", "\"512B\" or \"4KiB\"", "B", "", byte_units, 0, 0,
            std::int64_t{1} << 40, "0B to 1024GiB"},
    Grammar{Quantity::rate, "rate", "a rate", "\"400/s\"", "/s", "", rate_units, 0, 1, 1'000'000,
            "1/s to 1000000/s"},
    Grammar{Quantity::bandwidth, "bandwidth", "a bandwidth", "\"1Gbit/s\" or \"200Mbit/s\"",
            "Mbit/s", "", bandwidth_units, 0, 1'000, 1'000'000'000'000, "1Kbit/s to 1000Gbit/s"},
    Grammar{Quantity::ppm, "ppm", "a drift", "\"50ppm\"", "ppm", "", ppm_units, 0, 0, 100'000,
            "0ppm to 100000ppm"},
    Grammar{Quantity::signed_ppm, "signed_ppm", "a drift", "\"200ppm\" or \"-200ppm\"", "ppm", "",
            ppm_units, 0, -100'000, 100'000, "-100000ppm to 100000ppm"}};

const Grammar& grammar_of(Quantity quantity) {
  return grammars[static_cast<std::size_t>(quantity)];
}

// A number cut into its parts, none of them judged.
struct Parts {
  bool negative = false;
  std::string_view whole, fraction, suffix;
  bool point = false;
};

Parts split(std::string_view text) {
  Parts parts;
  const auto digits = [&text] {
    std::size_t n = 0;
    while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
    const std::string_view found = text.substr(0, n);
    text.remove_prefix(n);
    return found;
  };
  if (text.starts_with('-')) {
    parts.negative = true;
    text.remove_prefix(1);
  }
  parts.whole = digits();
  if (!parts.whole.empty() && text.starts_with('.')) {
    parts.point = true;
    text.remove_prefix(1);
    parts.fraction = digits();
  }
  parts.suffix = text;
  return parts;
}

// whole.fraction * scale, or nothing if it is not an integer; beyond the largest range, that
// range's end + 1.
std::optional<std::int64_t> exact(const Parts& parts, std::int64_t scale) {
  constexpr std::int64_t beyond = std::int64_t{1} << 62;
  __extension__ using Wide = __int128;
  Wide value = 0;
  for (const char c : parts.whole) {
    value = value * 10 + (c - '0');
    if (value > beyond) value = beyond;
  }
  value *= scale;
  Wide step = scale;
  for (const char c : parts.fraction) {
    if (step % 10 != 0 && c != '0') return {};
    step /= 10;
    value += step * (c - '0');
  }
  if (value > beyond) value = beyond;
  return static_cast<std::int64_t>(parts.negative ? -value : value);
}

// A bare number with the unit it most likely wants.
std::string completed(const Grammar& grammar, std::string_view number) {
  std::string text(grammar.prefix);
  text.append(number).append(grammar.usual);
  return "write " + quote(text);
}

Failure<QuantityError> malformed(std::string sentence, std::string remedy) {
  return failure(QuantityError{Code::bad_quantity, std::move(sentence), std::move(remedy)});
}

Result<std::int64_t, QuantityError> unknown_unit(const Grammar& grammar, const Node& node,
                                                 const Parts& parts) {
  const std::string found = quote(node.text);
  if (parts.suffix.empty()) {
    std::vector<std::string> units;
    for (const Unit& unit : grammar.units) units.emplace_back(unit.suffix);
    return malformed(found + " has no unit",
                     completed(grammar, node.text) +
                         (units.size() > 1 ? "; the units are " + join_quoted(units, "and") : ""));
  }
  if (parts.suffix.find(' ') != std::string_view::npos) {
    return malformed(found + " has a space inside",
                     "write it without, as in " + std::string(grammar.examples));
  }
  if (parts.suffix == "m" && grammar.units.data() == duration_units.data()) {
    return malformed("the unit \"m\" is neither minutes nor milliseconds",
                     "write \"min\" for minutes or \"ms\" for milliseconds");
  }
  std::vector<std::string> known;
  for (const Unit& unit : grammar.units) known.emplace_back(unit.suffix);
  return malformed("unknown unit " + quote(parts.suffix) + " for " + std::string(grammar.article),
                   suggestion(parts.suffix, known));
}

}  // namespace

std::string_view name_of(Quantity quantity) { return grammar_of(quantity).name; }

std::optional<Quantity> quantity_named(std::string_view name) {
  for (const Grammar& grammar : grammars) {
    if (grammar.name == name) return grammar.quantity;
  }
  return {};
}

Result<std::int64_t, QuantityError> read_quantity(const Node& node, Quantity quantity) {
  const Grammar& grammar = grammar_of(quantity);
  const std::string article(grammar.article), examples(grammar.examples);
  if (node.is(NodeType::number)) {
    return malformed(article + " is a string with a unit, not the number " + node.text,
                     completed(grammar, node.text));
  }
  if (!node.is(NodeType::string)) {
    return failure(QuantityError{
        Code::wrong_type, "expected " + article + ", found " + std::string(name_of(node.type)),
        "write " + examples});
  }
  std::string_view text = node.text;
  if (!text.starts_with(grammar.prefix)) {
    return malformed(quote(text) + " is not " + article, "write " + examples);
  }
  text.remove_prefix(grammar.prefix.size());
  const Parts parts = split(text);
  if (parts.whole.empty() || (parts.point && parts.fraction.empty())) {
    return malformed(quote(node.text) + " is not " + article, "write " + examples);
  }
  const Unit* unit = nullptr;
  for (const Unit& candidate : grammar.units) {
    if (candidate.suffix == parts.suffix) unit = &candidate;
  }
  if (unit == nullptr) return unknown_unit(grammar, node, parts);
  if (parts.fraction.size() > static_cast<std::size_t>(grammar.decimals)) {
    return malformed(quote(node.text) + " has too many decimals",
                     grammar.decimals == 0
                         ? article + " is a whole number"
                         : article + " has at most " + std::to_string(grammar.decimals));
  }
  const auto value = exact(parts, unit->scale);
  if (!value) return malformed(quote(node.text) + " is finer than 1 ns", "round it to whole ns");
  if (*value < grammar.min || *value > grammar.max) {
    return failure(QuantityError{Code::out_of_range, quote(node.text) + " is out of range",
                                 article + " goes from " + std::string(grammar.range)});
  }
  return *value;
}

std::int64_t quantity_of(const Node& node, Quantity quantity) {
  const auto value = read_quantity(node, quantity);
  CHECK(value.ok(), node.text);
  return value.value();
}

std::string quantity_text(std::int64_t value, Quantity quantity) {
  const Grammar& grammar = grammar_of(quantity);
  const std::int64_t magnitude = value < 0 ? -value : value;
  const std::string sign = value < 0 ? "-" : "";
  std::string text;
  for (const Unit& unit : grammar.units) {
    // Hours and minutes read badly with decimals, and zero is best said in seconds or bytes.
    if (unit.scale > 1'000'000'000 && grammar.units.data() == duration_units.data()) continue;
    if (magnitude == 0 && unit.scale > 1 && grammar.units.data() == byte_units.data()) continue;
    if (magnitude != 0 && magnitude < unit.scale && &unit != &grammar.units.back()) continue;
    std::string fraction;
    std::int64_t rest = magnitude % unit.scale, step = unit.scale;
    while (rest != 0 && step % 10 == 0 &&
           fraction.size() < static_cast<std::size_t>(grammar.decimals)) {
      step /= 10;
      fraction += static_cast<char>('0' + rest / step);
      rest %= step;
    }
    if (rest != 0) continue;
    text = sign + std::string(grammar.prefix) + std::to_string(magnitude / unit.scale) +
           (fraction.empty() ? "" : "." + fraction) + std::string(unit.suffix);
    break;
  }
  CHECK(!text.empty(), "a value that no unit expresses");
  return text;
}

std::optional<Duration> duration_of(std::string_view text) {
  const auto read = read_quantity(string_node(std::string(text)), Quantity::duration);
  if (!read) return {};
  return Duration(read.value());
}

}  // namespace blackout::scenario
