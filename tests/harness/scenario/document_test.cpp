#include "harness/scenario/document.hpp"

#include "tests/harness/scenario/support.hpp"

namespace blackout::scenario {
namespace {

Diagnostics refused(const std::string& text) {
  Source source = small_source();
  source.text = text;
  const auto scenario = load(source);
  EXPECT_FALSE(scenario.ok());
  return scenario.ok() ? Diagnostics{} : scenario.error();
}

TEST(Document, KeepsThePlaceOfEveryKeyAndValue) {
  Report report("f");
  const auto root = parse("{\n  \"a\\\"b\": [1, \"x\",\n   {\"c\" : -2.5e3}] }", report);
  ASSERT_TRUE(root.has_value());
  const Node& list = root->get("a\"b");
  EXPECT_EQ(list.key_at.line, 2U);
  EXPECT_EQ(list.key_at.column, 3U);
  EXPECT_EQ(list.key_at.length, 6U);
  EXPECT_EQ(list.at.column, 11U);
  EXPECT_EQ(list.children[1].at.column, 15U);
  EXPECT_EQ(list.children[1].at.length, 3U);
  const Node& number = list.children[2].get("c");
  EXPECT_EQ(number.at.line, 3U);
  EXPECT_EQ(number.at.column, 11U);
  EXPECT_EQ(number.text, "-2.5e3");
}

TEST(Document, OfAKeyThatStandsTwiceTheFirstCounts) {
  Report report("f");
  const auto root = parse(R"({"a": 1, "a": {"b": 2}, "c": 3})", report);
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(root->get("a").text, "1");
  EXPECT_EQ(root->get("c").text, "3");
  EXPECT_EQ(report.take().size(), 1U);
}

TEST(Document, AHundredMegabytesOfNestingAreOneDiagnostic) {
  const Diagnostics found = refused(std::string(100'000'000, '['));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].code, "E102");
}

TEST(Document, NestingThatFitsIntoAFileIsRefusedWhereItBecomesTooDeep) {
  const Diagnostics found = refused(std::string(text_bytes_max, '['));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].code, "E102");
  EXPECT_EQ(found[0].column, depth_max + 1);
}

TEST(Document, AFileCutOffAnywhereIsAnErrorAndNoCrash) {
  const std::string text = small_source().text;
  const std::size_t last = text.find_last_of('}');
  for (std::size_t size = 0; size <= last; ++size) {
    const Diagnostics found = refused(text.substr(0, size));
    EXPECT_EQ(found.size(), 1U) << size;
    EXPECT_EQ(found.empty() ? "" : found[0].code, "E100") << size;
  }
}

TEST(Document, AFileWithAnyByteReplacedNeverCrashes) {
  const std::string text = small_source().text;
  const std::string bytes{'"', '{', '\xFF', '9', '\0'};
  for (std::size_t i = 0; i < text.size(); ++i) {
    Source source = small_source();
    source.text[i] = bytes[i % bytes.size()];
    const auto scenario = load(source);
    if (!scenario.ok()) {
      EXPECT_FALSE(format_diagnostics(scenario.error(), source.text).empty());
    }
  }
}

TEST(Document, EveryValueReplacedByEveryTypeNeverCrashes) {
  Report report("f");
  const Node root = *parse(small_source().text, report);
  const auto count = [](const Node& node, const auto& self) -> std::size_t {
    std::size_t n = 1;
    for (const Node& child : node.children) n += self(child, self);
    return n;
  };
  const std::size_t values = count(root, count);
  for (std::size_t i = 0; i < values; ++i) {
    for (const std::string value :
         {"null", "7", "\"x\"", "[]", "{}", "[[\"s\"]]", "{\"choice\":[1,2]}"}) {
      Node copy = root;
      std::size_t left = i;
      const auto replace = [&](Node& node, const auto& self) -> bool {
        if (left-- == 0) {
          const std::string key = node.key;
          node = *parse(value, report);
          node.key = key;
          return true;
        }
        for (Node& child : node.children) {
          if (self(child, self)) return true;
        }
        return false;
      };
      replace(copy, replace);
      Source source = small_source();
      source.text = to_text(copy);
      const auto scenario = load(source);
      if (scenario.ok()) (void)draw(scenario.value(), 1);
    }
  }
}

TEST(Document, TextOfATreeReadsBackAsTheSameTree) {
  Report report("f");
  const std::string text = R"({"a": "\u0001\"\\\u00e9", "b": [], "c": {}, "d": [1, true, null]})";
  const auto root = parse(text, report);
  const std::string once = to_text(*root);
  EXPECT_EQ(to_text(*parse(once, report)), once);
  EXPECT_EQ(parse(once, report)->get("a").text, "\x01\"\\\xC3\xA9");
}

TEST(Overrides, ReplaceFieldsBeforeTheCheck) {
  const Scenario scenario =
      loaded(small_source(), {{"groups.0.acknowledge", "leader"},
                              {"timeline", R"({"warmup": "5s", "chaos": "90s", "calm": "1min"})"},
                              {"workload.0.clients", "7"},
                              {"seeds", "[\"commit\"]"}});
  const Plan plan = draw(scenario, 1);
  EXPECT_EQ(plan.groups[0].acknowledge, Acknowledge::leader);
  EXPECT_EQ(plan.facts.timeline.calm, seconds(60));
  EXPECT_EQ(plan.clients[0].clients, 7U);
  EXPECT_EQ(scenario.seeds(), std::vector<std::string>{"commit"});
}

}  // namespace
}  // namespace blackout::scenario
