#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "harness/scenario/fault_rules.hpp"
#include "harness/scenario/quantity.hpp"
#include "harness/scenario/structure.hpp"

namespace blackout::scenario {
namespace {

using nlohmann::json;

// Keywords that check_structure does not know would be promises to editors that the loader breaks.
void expect_known_keywords(const json& rule, const std::string& place) {
  static const std::set<std::string> known{
      "$ref",         "type",          "required",      "enum",
      "title",        "description",   "examples",      "minItems",
      "maxItems",     "uniqueItems",   "minimum",       "maximum",
      "pattern",      "$schema",       "$id",           "minLength",
      "maxLength",    "minProperties", "items",         "if",
      "then",         "else",          "propertyNames", "additionalProperties",
      "maxProperties"};
  for (const auto& word : rule.items()) {
    const std::string inside = place + "/" + word.key();
    if (word.key() == "properties" || word.key() == "definitions") {
      for (const auto& one : word.value().items()) {
        expect_known_keywords(one.value(), inside + "/" + one.key());
      }
      continue;
    }
    EXPECT_EQ(known.count(word.key()), 1U) << inside;
    if (word.value().is_object()) expect_known_keywords(word.value(), inside);
    const bool by_hand =
        place.find("/definitions/") == 0 && place.find('/', 13) == std::string::npos;
    EXPECT_TRUE(word.key() != "pattern" || by_hand) << inside;
  }
}

TEST(Schema, UsesOnlyKeywordsThatTheLoaderKnows) {
  for (const std::string_view text : {schema_text(), topology_schema_text()}) {
    expect_known_keywords(json::parse(text), "");
  }
}

// The loader reads by hand what the schema says as patterns: both must take the same texts. Ranges
// are the loader's alone, so that texts it takes must match, and texts that match may be out of
// range.
TEST(Schema, PatternsTakeTheTextsThatTheLoaderReads) {
  const auto schema = nlohmann::json::parse(schema_text());
  const std::vector<std::string> texts{
      "0s",     "1.5s",   "1.1234567s", "-1s",     "5",     "5m",       "5min",
      "1 s",    ".5s",    "5.s",        "3h",      "7ns",   "12us",     "0%",
      "100%",   "100.0%", "101%",       "100.1%",  "0.1%",  "5.5%",     "-1%",
      "x3",     "x1.5",   "3x",         "x1.2345", "512B",  "1KiB",     "1KB",
      "1.5KiB", "400/s",  "4.5/s",      "1Gbit/s", "1Gbit", "50Mbit/s", "50ppm",
      "-50ppm", "1.5ppm", "",           "s",       "1e3s",  "0x10s",    "999999999999999999999s"};
  for (const Quantity quantity : {Quantity::duration, Quantity::signed_duration, Quantity::percent,
                                  Quantity::factor, Quantity::bytes, Quantity::rate,
                                  Quantity::bandwidth, Quantity::ppm, Quantity::signed_ppm}) {
    const std::string name(name_of(quantity));
    const std::regex pattern(schema.at("definitions").at(name).at("pattern").get<std::string>());
    for (const std::string& text : texts) {
      const auto read = read_quantity(string_node(text), quantity);
      const bool fits = std::regex_search(text, pattern);
      if (read.ok() || read.error().code == Code::bad_quantity) {
        EXPECT_EQ(read.ok(), fits) << name << " " << text;
      }
    }
  }
}

TEST(Schema, NamesTheKindsModesAndShapesOfTheLoader) {
  const auto schema = nlohmann::json::parse(schema_text());
  const auto enum_of = [&](const nlohmann::json& rule) {
    return rule.at("enum").get<std::vector<std::string>>();
  };
  for (const std::string& name : enum_of(schema.at("/definitions/fault_kind"_json_pointer))) {
    EXPECT_EQ(name_of(kind_named(name)), name);
  }
  for (const std::string& name : enum_of(schema.at("/definitions/any_mode/then"_json_pointer))) {
    EXPECT_EQ(name_of(mode_named(name)), name);
  }
  EXPECT_EQ(enum_of(schema.at("/definitions/any_shape/then"_json_pointer)), shape_names());
}

TEST(Schema, EveryParameterOfAKindIsAKeyOfFaultsAndMenus) {
  const auto schema = nlohmann::json::parse(schema_text());
  const auto& fault = schema.at("/definitions/fault/properties"_json_pointer);
  const auto& entry =
      schema.at("/definitions/generator/properties/menu/items/properties"_json_pointer);
  std::set<std::string> used{"at", "kind", "target", "why", "weight"};
  for (const auto& kind : schema.at("/definitions/fault_kind/enum"_json_pointer)) {
    for (const std::string& parameter : parameters_of(kind_named(kind.get<std::string>()))) {
      EXPECT_TRUE(fault.contains(parameter)) << parameter;
      EXPECT_TRUE(entry.contains(parameter)) << parameter;
      used.insert(parameter);
    }
  }
  for (const auto& property : fault.items())
    EXPECT_EQ(used.count(property.key()), 1U) << property.key();
  for (const auto& property : entry.items())
    EXPECT_EQ(used.count(property.key()), 1U) << property.key();
}

TEST(Schema, EveryReferenceLeadsToADefinitionAndEveryDefinitionIsUsed) {
  for (const std::string_view text : {schema_text(), topology_schema_text()}) {
    const auto schema = nlohmann::json::parse(text);
    std::set<std::string> used;
    const auto flat = schema.flatten();
    for (const auto& value : flat.items()) {
      if (!value.key().ends_with("/$ref")) continue;
      used.insert(value.value().get<std::string>().substr(14));
    }
    for (const auto& definition : schema.at("definitions").items()) {
      EXPECT_EQ(used.count(definition.key()), 1U) << definition.key();
    }
    for (const std::string& name : used)
      EXPECT_TRUE(schema.at("definitions").contains(name)) << name;
  }
}

}  // namespace
}  // namespace blackout::scenario
