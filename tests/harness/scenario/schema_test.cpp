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

constexpr const char* fault_rules = R"([{"$ref": "#/definitions/fault_rules"}])";

// Keywords that check_structure does not know would be promises to editors that the loader breaks.
// What fault_rules promises of each kind is kept by check_fault, and compared below.
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
        if (one.key() == "fault_rules") continue;
        expect_known_keywords(one.value(), inside + "/" + one.key());
      }
      continue;
    }
    if (word.key() == "allOf" && word.value() == json::parse(fault_rules)) continue;
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
  const auto schema = json::parse(schema_text());
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

TEST(Schema, NamesTheKindsOfTheCatalogueInItsOrder) {
  const auto schema = json::parse(schema_text());
  std::vector<std::string> names;
  for (const fault::KindRow& row : fault::catalogue()) names.emplace_back(row.name);
  EXPECT_EQ(schema.at("/definitions/fault_kind/enum"_json_pointer), json(names));
}

// Faults and menus have every parameter of the catalogue as a key, and no other.
TEST(Schema, HasTheParametersOfTheCatalogueWithTheirQuantitiesAndWords) {
  const auto schema = json::parse(schema_text());
  const json common = schema.at("/definitions/fault_key/enum"_json_pointer);
  for (const char* place : {"/definitions/fault/properties", "/definitions/caused_fault/properties",
                            "/definitions/generator/properties/menu/items/properties"}) {
    json properties = schema.at(json::json_pointer(place));
    for (const json& key : common) properties.erase(key.get<std::string>());
    json expected = {{"for", {{"$ref", "#/definitions/any_duration"}}}};
    for (const fault::ParameterRow& row : fault::parameters()) {
      const std::string name(row.name);
      const std::string type = row.words.empty() ? std::string(row.quantity) : name;
      expected[name]["$ref"] = "#/definitions/any_" + type;
      if (row.words.empty()) continue;
      const json::json_pointer words("/definitions/any_" + name + "/then/enum");
      EXPECT_EQ(schema.at(words), json(row.words));
    }
    EXPECT_EQ(properties, expected) << place;
  }
}

// What a kind takes and needs, as an editor's rule.
json rule_of(const fault::KindRow& row) {
  json then = json::object(), taken = json::array();
  for (const fault::Use& use : row.uses) {
    const std::string name(row_of(use.parameter).name);
    taken.push_back(name);
    if (use.need == fault::Need::required) then["required"].push_back(name);
    if (use.need == fault::Need::some) then["anyOf"].push_back({{"required", {name}}});
    if (use.with) then["dependencies"][name].push_back(std::string(row_of(*use.with).name));
  }
  if (!row.momentary()) taken.push_back("for");
  then["propertyNames"]["anyOf"] =
      json::array({{{"$ref", "#/definitions/fault_key"}}, {{"enum", taken}}});
  json rule;
  rule["if"]["required"] = {"kind"};
  rule["if"]["properties"]["kind"]["const"] = std::string(row.name);
  rule["then"] = then;
  return rule;
}

TEST(Schema, SaysWhatEachKindTakesAndNeedsAsTheCatalogueDoes) {
  const auto schema = json::parse(schema_text());
  const json& rules = schema.at("/definitions/fault_rules/allOf"_json_pointer);
  ASSERT_EQ(rules.size(), fault::catalogue().size());
  for (const fault::KindRow& row : fault::catalogue()) {
    EXPECT_EQ(rules.at(static_cast<std::size_t>(row.kind)), rule_of(row)) << row.name;
  }
  const json applied = json::array({{{"$ref", "#/definitions/fault_rules"}}});
  EXPECT_EQ(schema.at("/definitions/fault/allOf"_json_pointer), applied);
  EXPECT_EQ(schema.at("/definitions/caused_fault/allOf"_json_pointer), applied);
  EXPECT_EQ(schema.at("/definitions/generator/properties/menu/items/allOf"_json_pointer), applied);
}

TEST(Schema, FallbacksOfTheCatalogueCanBeRead) {
  for (const fault::KindRow& row : fault::catalogue()) {
    for (const fault::Use& use : row.uses) {
      const fault::ParameterRow& parameter = row_of(use.parameter);
      if (use.need != fault::Need::some) {
        EXPECT_EQ(use.fallback.empty(), use.need == fault::Need::required) << row.name;
      }
      if (use.fallback.empty()) continue;
      const std::string text(use.fallback);
      if (!parameter.words.empty()) {
        EXPECT_NO_THROW((void)word_named(parameter, text)) << row.name;
      } else if (parameter.quantity != fault::count) {
        EXPECT_TRUE(read_quantity(string_node(text), *quantity_named(parameter.quantity)).ok())
            << row.name << " " << text;
      }
    }
  }
}

TEST(Schema, EveryReferenceLeadsToADefinitionAndEveryDefinitionIsUsed) {
  for (const std::string_view text : {schema_text(), topology_schema_text()}) {
    const auto schema = json::parse(text);
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
