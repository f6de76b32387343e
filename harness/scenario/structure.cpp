#include "harness/scenario/structure.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "harness/scenario/quantity.hpp"
#include "host/base/check.hpp"

namespace blackout::scenario {

namespace {

using Json = nlohmann::ordered_json;

bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

// a, b-2: words of letters and digits, joined by `joint`, the first starting with a letter.
bool is_name(std::string_view text, char joint) {
  if (text.empty() || text.size() > 64 || !lower(text[0])) return false;
  char last = 'a';
  for (const char c : text) {
    if (!lower(c) && !digit(c) && c != joint) return false;
    if (c == joint && last == joint && joint == '-') return false;
    last = c;
  }
  return joint != '-' || last != '-';
}

bool is_mark(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view tail = text.substr(dot + 1);
  return is_name(text.substr(0, dot), '_') && !tail.empty() &&
         is_name("a" + std::string(tail), '_');
}

bool is_seed(std::string_view text) {
  if (text == "commit") return true;
  if (text.size() != 18 || !text.starts_with("0x")) return false;
  return std::all_of(text.begin() + 2, text.end(),
                     [](char c) { return digit(c) || (c >= 'a' && c <= 'f'); });
}

// Definitions whose `pattern` is read by hand.
struct Word {
  std::string_view definition, what, remedy;
  bool (*holds)(std::string_view);
};

constexpr std::array words{
    Word{"name", "a name", "lower-case letters, digits and single dashes, as in \"eu-de\"",
         [](std::string_view t) { return is_name(t, '-'); }},
    Word{"mark", "a mark", "write it as in \"failover.leader_changed\"", is_mark},
    Word{"invariant", "an objective or invariant",
         "write it as in \"rpo\" or \"raft.vote_uniqueness\"",
         [](std::string_view t) { return is_mark(t) || is_name(t, '_'); }},
    Word{"planted_bug", "a planted bug", "write it as in \"forget_vote\"",
         [](std::string_view t) { return is_name(t, '_'); }},
    Word{"seed", "a seed", "write \"0x\" and 16 digits of 0-9a-f, or \"commit\"", is_seed},
};

class Checker {
 public:
  Checker(const Json& schema, FileKind kind, Report& report)
      : schema_(schema), kind_(kind), report_(report) {}

  void check(const Node& node, const Json& given) {
    const Json* rule = &given;
    while (rule->contains("$ref")) {
      const std::string name = rule->at("$ref").get<std::string>().substr(14);
      if (const auto quantity = quantity_named(name)) return check_quantity(node, *quantity);
      if (name == "schema_reference") return check_reference(node);
      for (const Word& word : words) {
        if (word.definition == name) return check_word(node, word);
      }
      rule = &schema_.at("definitions").at(name);
    }
    if (rule->contains("enum")) return check_enum(node, *rule);
    if (rule->contains("type") && !has_type(node, *rule)) return;
    if (rule->contains("if")) {
      const bool then = node_is(node, rule->at("if").at("type").get<std::string>());
      const Json branch = rule->value(then ? "then" : "else", Json::object());
      if (branch.value("$ref", "") == "#/definitions/draw") {
        check_draw(node, rule->at("then"));
      } else {
        check(node, branch);
      }
      return;
    }
    if (node.is(NodeType::object)) check_object(node, *rule);
    if (node.is(NodeType::array)) check_array(node, *rule);
    if (node.is(NodeType::number)) check_integer(node, *rule);
    if (node.is(NodeType::string)) check_length(node, *rule);
  }

 private:
  static bool node_is(const Node& node, std::string_view type) {
    if (type == "integer") return node.is(NodeType::number);
    if (type == "string") return node.is(NodeType::string);
    if (type == "array") return node.is(NodeType::array);
    return type == "object" && node.is(NodeType::object);
  }

  bool has_type(const Node& node, const Json& rule) {
    const Json& type = rule.at("type");
    const Json types = type.is_array() ? type : Json::array({type});
    std::string expected;
    for (const Json& one : types) {
      const auto name = one.get<std::string>();
      if (node_is(node, name)) return true;
      if (!expected.empty()) expected += " or ";
      expected += name == "integer"  ? "a whole number"
                  : name == "string" ? "a string"
                  : name == "array"  ? "a list"
                                     : "an object";
    }
    report_.add(Code::wrong_type, node.at,
                "expected " + expected + ", found " + std::string(name_of(node.type)),
                {"write " + expected});
    return false;
  }

  void check_quantity(const Node& node, Quantity quantity) {
    const auto value = read_quantity(node, quantity);
    if (!value)
      report_.add(value.error().code, node.at, value.error().sentence, {value.error().remedy});
  }

  void check_word(const Node& node, const Word& word) {
    check_word(node.type, node.text, node.at, word);
  }
  void check_word(NodeType type, const std::string& text, Position at, const Word& word) {
    const std::string what(word.what);
    if (type != NodeType::string) {
      report_.add(Code::wrong_type, at,
                  "expected " + what + ", found " + std::string(name_of(type)),
                  {"write " + what + " in double quotes"});
    } else if (!word.holds(text)) {
      report_.add(Code::malformed_word, at, quote(text) + " is not " + what,
                  {std::string(word.remedy)});
    }
  }

  void check_reference(const Node& node) {
    const std::string file =
        kind_ == FileKind::scenario ? "scenario.v1.schema.json" : "topology.v1.schema.json";
    if (node.is(NodeType::string) && (node.text == file || node.text.ends_with("/" + file))) return;
    report_.add(Code::malformed_word, node.at, "$schema names no schema that this version reads",
                {"write a path to " + quote(file)});
  }

  void check_enum(const Node& node, const Json& rule) {
    check_enum(node.type, node.text, node.at, rule);
  }
  void check_enum(NodeType type, const std::string& text, Position at, const Json& rule) {
    const auto title = rule.at("title").get<std::string>();
    const auto allowed = rule.at("enum").get<std::vector<std::string>>();
    if (type != NodeType::string) {
      report_.add(Code::wrong_type, at,
                  "expected the " + title + " as a string, found " + std::string(name_of(type)),
                  {"one of " + join_quoted(allowed, "or")});
    } else if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
      report_.add(Code::unknown_value, at, "unknown " + title + " " + quote(text),
                  {allowed.size() == 1 ? rule.at("description").get<std::string>()
                                       : suggestion(text, allowed)});
    }
  }

  void check_object(const Node& node, const Json& rule) {
    const Json properties = rule.value("properties", Json::object());
    std::vector<std::string> known;
    for (const auto& property : properties.items()) known.push_back(property.key());
    for (const Node& member : node.children) {
      if (rule.contains("propertyNames")) check_key(member, rule.at("propertyNames"));
      if (properties.contains(member.key)) {
        check(member, properties.at(member.key));
      } else if (rule.contains("additionalProperties") &&
                 rule.at("additionalProperties").is_object()) {
        check(member, rule.at("additionalProperties"));
      } else if (rule.contains("additionalProperties")) {
        report_.add(Code::unknown_key, member.key_at, "unknown key " + quote(member.key),
                    {suggestion(member.key, known)});
      }
    }
    for (const Json& required : rule.value("required", Json::array())) {
      const auto key = required.get<std::string>();
      if (node.find(key) != nullptr) continue;
      const std::string of = node.key.empty() ? "this object" : quote(node.key);
      report_.add(Code::missing_key, Position{node.at.line, node.at.column, 1},
                  of + " has no " + quote(key), {"add " + quote(key)});
    }
    const std::size_t most = rule.value("maxProperties", std::size_t{1} << 20);
    if (node.children.size() > most) {
      report_.add(Code::bad_list, Position{node.at.line, node.at.column, 1},
                  quote(node.key) + " has " + std::to_string(node.children.size()) + " members",
                  {"it takes at most " + std::to_string(most)});
    }
    if (node.children.size() < rule.value("minProperties", 0U)) {
      report_.add(Code::bad_list, node.at, quote(node.key) + " is empty", {"add at least one"});
    }
  }

  void check_key(const Node& member, const Json& rule) {
    if (rule.contains("enum")) return check_enum(NodeType::string, member.key, member.key_at, rule);
    check_word(NodeType::string, member.key, member.key_at, words[0]);
  }

  void check_array(const Node& node, const Json& rule) {
    const std::size_t size = node.children.size();
    const std::size_t min = rule.value("minItems", std::size_t{0});
    const std::size_t max = rule.value("maxItems", std::size_t{1} << 32);
    if (size < min || size > max) {
      report_.add(
          Code::bad_list, node.at,
          "this list has " + std::to_string(size) + (size == 1 ? " item" : " items"),
          {"it takes " + (min == max ? "" : std::string(size < min ? "at least " : "at most ")) +
           std::to_string(size < min ? min : max)});
    }
    for (std::size_t i = 0; rule.contains("items") && i < size; ++i) {
      const Json& items = rule.at("items");
      if (!items.is_array()) {
        check(node.children[i], items);
      } else if (i < items.size()) {
        check(node.children[i], items.at(i));
      }
    }
    if (rule.value("uniqueItems", false)) check_unique(node);
  }

  void check_unique(const Node& node) {
    std::vector<std::string> seen;
    for (const Node& item : node.children) {
      const std::string text = to_text(item);
      if (std::find(seen.begin(), seen.end(), text) != seen.end()) {
        report_.add(Code::bad_list, item.at, quote(item.text) + " stands twice in this list",
                    {"remove one"});
      }
      seen.push_back(text);
    }
  }

  void check_integer(const Node& node, const Json& rule) {
    std::int64_t value = 0;
    const char* end = node.text.data() + node.text.size();
    const auto [stop, error] = std::from_chars(node.text.data(), end, value);
    if (error == std::errc::invalid_argument || (error == std::errc{} && stop != end)) {
      report_.add(Code::wrong_type, node.at, node.text + " is not a whole number",
                  {"write it without point and exponent"});
      return;
    }
    const auto min = rule.value("minimum", std::int64_t{0});
    const auto max = rule.value("maximum", std::int64_t{1'000'000'000});
    if (error != std::errc{} || value < min || value > max) {
      report_.add(Code::out_of_range, node.at, node.text + " is out of range",
                  {"it goes from " + std::to_string(min) + " to " + std::to_string(max)});
    }
  }

  void check_length(const Node& node, const Json& rule) {
    const std::size_t min = rule.value("minLength", std::size_t{0});
    const std::size_t max = rule.value("maxLength", std::size_t{1} << 20);
    if (node.text.size() >= min && node.text.size() <= max) return;
    report_.add(Code::out_of_range, node.at,
                "this text has " + std::to_string(node.text.size()) + " bytes",
                {"it takes " + std::to_string(min) + " to " + std::to_string(max)});
  }

  // `inner` is the rule of the value that is drawn.
  void check_draw(const Node& node, const Json& inner) {
    static const std::vector<std::string> draws{"uniform", "log_uniform", "exponential", "choice"};
    if (node.children.size() != 1) {
      report_.add(Code::bad_draw, node.at, "a draw has exactly one key",
                  {"one of " + join_quoted(draws, "or")});
      return;
    }
    const Node& draw = node.children[0];
    if (std::find(draws.begin(), draws.end(), draw.key) == draws.end()) {
      report_.add(Code::bad_draw, draw.key_at, "unknown draw " + quote(draw.key),
                  {suggestion(draw.key, draws)});
      return;
    }
    if (draw.key == "choice") return check_choice(draw, inner);
    const auto reference = inner.value("$ref", std::string("#/definitions/"));
    const auto quantity = quantity_named(reference.substr(14));
    if (!quantity && inner.value("type", "") != "integer") {
      report_.add(Code::bad_draw, draw.key_at, "words have no order to draw from",
                  {"write { \"choice\": [...] }"});
    } else if (draw.key == "exponential") {
      if (quantity != Quantity::duration) {
        report_.add(Code::bad_draw, draw.key_at, "only durations can be drawn as exponential",
                    {"write { \"uniform\": [...] }"});
      } else {
        check(draw, inner);
      }
    } else {
      check_range(draw, inner, quantity);
    }
  }

  void check_choice(const Node& draw, const Json& inner) {
    if (!draw.is(NodeType::array) || draw.children.size() < 2) {
      report_.add(Code::bad_draw, draw.at, "a choice is a list of at least two values",
                  {"add a value, or write the one value alone"});
      return;
    }
    for (const Node& item : draw.children) check(item, inner);
  }

  void check_range(const Node& draw, const Json& inner, std::optional<Quantity> quantity) {
    if (!draw.is(NodeType::array) || draw.children.size() != 2) {
      report_.add(Code::bad_draw, draw.at, quote(draw.key) + " takes a list of two values",
                  {"write the lowest and the highest value"});
      return;
    }
    std::array<std::int64_t, 2> ends{};
    for (std::size_t i = 0; i < 2; ++i) {
      const Node& end = draw.children[i];
      check(end, inner);
      if (quantity) {
        const auto value = read_quantity(end, *quantity);
        if (!value) return;
        ends[i] = value.value();
      } else if (std::from_chars(end.text.data(), end.text.data() + end.text.size(), ends[i]).ec !=
                 std::errc{}) {
        return;
      }
    }
    if (ends[0] > ends[1]) {
      report_.add(Code::bad_draw, draw.at,
                  draw.children[0].text + " is more than " + draw.children[1].text,
                  {"write the lowest value first"});
    } else if (draw.key == "log_uniform" && ends[0] <= 0) {
      report_.add(Code::bad_draw, draw.at, "a log_uniform draw cannot reach 0",
                  {"start above 0, or write \"uniform\""});
    }
  }

  const Json& schema_;
  FileKind kind_;
  Report& report_;
};

}  // namespace

void check_structure(const Node& root, FileKind kind, Report& report) {
  const Json schema =
      Json::parse(kind == FileKind::scenario ? schema_text() : topology_schema_text());
  if (root.is(NodeType::object) && !root.children.empty() && root.find("$schema") != nullptr &&
      root.children[0].key != "$schema") {
    report.add(Code::schema_not_first, root.find("$schema")->key_at,
               "\"$schema\" is not the first key",
               {"move it to the top: it says how to read the rest"});
  }
  Checker(schema, kind, report).check(root, schema);
}

}  // namespace blackout::scenario
