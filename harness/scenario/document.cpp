#include "harness/scenario/document.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/scenario/utf8.hpp"
#include "host/base/check.hpp"

namespace blackout::scenario {

namespace {

using Json = nlohmann::json;

// Follows the text token by token. The parser reports tokens in their order, so that each one
// starts behind the last, after white space and separators: no need to trust the parser's own idea
// of a position.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  Position next() {
    while (offset_ < text_.size() &&
           std::string_view(" \t\r\n,:").find(text_[offset_]) != std::string_view::npos) {
      step();
    }
    const std::size_t start = offset_;
    Position at{line_, column_, 0};
    skip_token();
    at.length = static_cast<std::uint32_t>(offset_ - start);
    last_ = text_.substr(start, at.length);
    return at;
  }
  [[nodiscard]] std::string_view last() const { return last_; }

 private:
  void step() {
    const char c = text_[offset_++];
    ++column_;
    if (c == '\n') {
      ++line_;
      column_ = 1;
    }
  }
  void skip_token() {
    if (offset_ >= text_.size()) return;
    const char first = text_[offset_];
    step();
    if (std::string_view("{}[]").find(first) != std::string_view::npos) return;
    if (first == '"') {
      while (offset_ < text_.size() && text_[offset_] != '"') {
        if (text_[offset_] == '\\') step();
        if (offset_ < text_.size()) step();
      }
      if (offset_ < text_.size()) step();
      return;
    }
    while (offset_ < text_.size() &&
           std::string_view(" \t\r\n,:{}[]\"").find(text_[offset_]) == std::string_view::npos) {
      step();
    }
  }

  std::string_view text_, last_;
  std::size_t offset_ = 0;
  std::uint32_t line_ = 1, column_ = 1;
};

Position position_of(std::string_view text, std::size_t offset) {
  Position at{1, 1, 1};
  for (const char c : text.substr(0, offset)) {
    ++at.column;
    if (c == '\n') {
      ++at.line;
      at.column = 1;
    }
  }
  return at;
}

std::string hex_byte(char c) {
  static constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<std::uint8_t>(c);
  return {'0', 'x', digits[byte >> 4], digits[byte & 15]};
}

// Builds the tree; the members that nlohmann's SAX interface asks for.
class Builder {
 public:
  Builder(std::string_view text, Report& report) : text_(text), report_(report), cursor_(text) {}

  bool null() { return scalar(NodeType::null); }
  bool boolean(bool) { return scalar(NodeType::boolean); }
  bool number_integer(Json::number_integer_t) { return scalar(NodeType::number); }
  bool number_unsigned(Json::number_unsigned_t) { return scalar(NodeType::number); }
  bool number_float(Json::number_float_t, const std::string&) { return scalar(NodeType::number); }
  bool binary(Json::binary_t&) { return false; }  // JSON text has none
  bool string(std::string& value) {
    Node node;
    node.type = NodeType::string;
    node.at = cursor_.next();
    node.text = std::move(value);
    place(std::move(node));
    return true;
  }
  bool key(std::string& name) {
    Frame& frame = frames_.back();
    frame.key = std::move(name);
    frame.key_at = cursor_.next();
    frame.repeated = !frame.keys.insert(frame.key).second;
    if (frame.repeated) {
      const Node* first = frame.node.find(frame.key);
      const std::string line = first ? std::to_string(first->key_at.line) : "above";
      report_.add(Code::duplicate_key, frame.key_at,
                  "the key " + quote(frame.key) + " stands twice",
                  {"remove one; the first is on line " + line});
    }
    return true;
  }
  bool start_object(std::size_t) { return open(NodeType::object); }
  bool start_array(std::size_t) { return open(NodeType::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t offset, const std::string&, const nlohmann::detail::exception& e);

  std::optional<Node> take() { return std::move(root_); }

 private:
  struct Frame {
    Node node;
    std::string key;
    Position key_at;
    bool repeated = false;
    std::set<std::string> keys;
  };

  bool scalar(NodeType type) {
    Node node;
    node.type = type;
    node.at = cursor_.next();
    node.text = cursor_.last();
    place(std::move(node));
    return true;
  }
  bool open(NodeType type) {
    Frame frame;
    frame.node.type = type;
    frame.node.at = cursor_.next();
    if (frames_.size() == depth_max) {
      report_.add(Code::too_large, frame.node.at,
                  "lists and objects are nested deeper than " + std::to_string(depth_max),
                  {"a scenario needs less than ten levels"});
      return false;
    }
    frames_.push_back(std::move(frame));
    return true;
  }
  bool close() {
    cursor_.next();
    Node node = std::move(frames_.back().node);
    frames_.pop_back();
    place(std::move(node));
    return true;
  }
  void place(Node node) {
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.is(NodeType::object)) {
      if (frame.repeated) return;
      node.key = frame.key;
      node.key_at = frame.key_at;
    }
    frame.node.children.push_back(std::move(node));
  }

  std::string_view text_;
  Report& report_;
  Cursor cursor_;
  std::vector<Frame> frames_;
  std::optional<Node> root_;
};

// What to do about a character that JSON does not have there.
std::string syntax_remedy(std::string_view text, std::size_t offset) {
  const char found = text[offset];
  const std::size_t before =
      offset == 0 ? std::string_view::npos : text.find_last_not_of(" \t\r\n", offset - 1);
  const bool after_comma = before != std::string_view::npos && text[before] == ',';
  if ((found == '}' || found == ']') && after_comma) return "remove the comma before it";
  if (found == '/' || found == '#') return "JSON has no comments: say it in \"why\"";
  if (found == '\'') return "strings stand in double quotes";
  if (found == '"' || found == '{' || found == '[')
    return "a comma or a colon is missing before it";
  if (found == '\n' || found == '\r') return "close the string with \" on its line";
  return "names and quantities are strings in double quotes";
}

bool Builder::parse_error(std::size_t offset, const std::string&,
                          const nlohmann::detail::exception& e) {
  // `offset` counts the bytes read: the offending one is the last of them.
  const std::size_t last = offset == 0 ? 0 : offset - 1;
  if (std::string_view(e.what()).find("out of range") != std::string_view::npos ||
      std::string_view(e.what()).find("out_of_range") != std::string_view::npos) {
    report_.add(Code::not_json, cursor_.next(), "this number is too large for any field",
                {"quantities are strings with a unit"});
    return false;
  }
  if (last >= text_.size()) {
    if (frames_.empty()) {
      report_.add(Code::not_json, position_of(text_, text_.size()), "the file ends inside a value",
                  {"a scenario is one JSON object"});
      return false;
    }
    const Frame& inner = frames_.back();
    const std::string what = inner.node.is(NodeType::object) ? "object" : "list";
    report_.add(Code::not_json, position_of(text_, text_.size()),
                "the file ends inside the " + what + " that starts on line " +
                    std::to_string(inner.node.at.line),
                {"the file was cut off, or a closing bracket is missing"});
    return false;
  }
  const Position at = position_of(text_, last);
  const char found = text_[last];
  const bool printable = found >= ' ' && found < 0x7F;
  report_.add(Code::not_json, at,
              "this is not JSON: unexpected " +
                  (printable ? "'" + std::string(1, found) + "'" : "byte " + hex_byte(found)),
              {syntax_remedy(text_, last)});
  return false;
}

bool encoding_holds(std::string_view text, Report& report) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") {
    report.add(Code::bad_encoding, {1, 1, 1}, "the file starts with a byte order mark",
               {"save it as UTF-8 without one"});
    return false;
  }
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    const bool control =
        text[i] >= 0 && text[i] < ' ' && text[i] != '\n' && text[i] != '\r' && text[i] != '\t';
    if (length == 0 || control || text[i] == 0x7F) {
      report.add(Code::bad_encoding, position_of(text, i),
                 length == 0 ? "the byte " + hex_byte(text[i]) + " is not UTF-8"
                             : "the control character " + hex_byte(text[i]) + " is not text",
                 {"is this a scenario? save it as UTF-8 text"});
      return false;
    }
    i += length;
  }
  return true;
}

// An override's value: JSON, or a bare word that stands for a string.
Node override_value(const Override& given, Position at) {
  Report ignored("");
  std::optional<Node> parsed;
  if (Json::accept(given.value)) parsed = parse(given.value, ignored);
  Node node = parsed && !ignored.has_errors() ? std::move(*parsed) : string_node(given.value);
  std::vector<Node*> open{&node};
  while (!open.empty()) {
    Node* next = open.back();
    open.pop_back();
    next->at = next->key_at = at;
    for (Node& child : next->children) open.push_back(&child);
  }
  return node;
}

std::optional<std::size_t> index_of(std::string_view step, std::size_t size) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error != std::errc{} || end != step.data() + step.size() || index >= size) return {};
  return index;
}

void apply_one(const Override& given, Position at, Node& root, Report& report) {
  Report wrong("");
  if (!encoding_holds(given.path, wrong) || !encoding_holds(given.value, wrong)) {
    report.add(Code::bad_encoding, at, wrong.take()[0].sentence, {"write UTF-8"});
    return;
  }
  Node* node = &root;
  std::string_view rest = given.path;
  std::string walked = "the file";
  while (true) {
    const std::size_t dot = rest.find('.');
    const std::string step(rest.substr(0, dot));
    const bool last = dot == std::string_view::npos;
    Node* child = node->find(step);
    if (node->is(NodeType::array)) {
      const auto index = index_of(step, node->children.size());
      if (index) child = &node->children[*index];
    }
    if (child == nullptr && last && node->is(NodeType::object) && !step.empty()) {
      child = &node->children.emplace_back();
      child->key = step;
    }
    if (child == nullptr) {
      std::vector<std::string> known;
      for (const Node& c : node->children) known.push_back(c.key);
      std::string remedy = "write field names and list positions from 0, as in groups.0.heartbeat";
      if (node->is(NodeType::object)) remedy = suggestion(step, known);
      if (node->is(NodeType::array)) {
        remedy = "positions go from 0 to " + std::to_string(node->children.size() - 1);
      }
      if (node->children.empty()) remedy = walked + " has nothing inside";
      report.add(Code::bad_override, at, walked + " has no field " + quote(step), {remedy});
      return;
    }
    if (last) {
      std::string key = std::move(child->key);
      *child = override_value(given, at);
      child->key = std::move(key);
      return;
    }
    node = child;
    walked = quote(given.path.substr(0, given.path.size() - rest.size() + dot));
    rest.remove_prefix(dot + 1);
  }
}

// Where `width` is 0 everything stands on one line.
void write(const Node& node, std::size_t indent, std::size_t width, std::string& out);

void write_flat(const Node& node, std::string& out) { write(node, 0, 0, out); }

void write(const Node& node, std::size_t indent, std::size_t width, std::string& out) {
  const bool object = node.is(NodeType::object);
  if (!object && !node.is(NodeType::array)) {
    out += node.is(NodeType::string) ? Json(node.text).dump() : node.text;
    return;
  }
  if (width > 0) {
    std::string flat;
    write_flat(node, flat);
    if (flat.size() <= width) {
      out += flat;
      return;
    }
  }
  out += object ? '{' : '[';
  const std::string line = width == 0 ? "" : "\n" + std::string(indent + 2, ' ');
  bool first = true;
  for (const Node& child : node.children) {
    if (!first) out += width == 0 ? ", " : ",";
    first = false;
    out += line;
    std::size_t used = indent + 3;
    if (object) {
      const std::string key = Json(child.key).dump() + ": ";
      used += key.size();
      out += key;
    }
    write(child, indent + 2, width == 0 ? 0 : used < 99 ? 100 - used : 1, out);
  }
  if (width > 0) out += "\n" + std::string(indent, ' ');
  out += object ? '}' : ']';
}

}  // namespace

std::string_view name_of(NodeType type) {
  switch (type) {
    case NodeType::null:
      return "null";
    case NodeType::boolean:
      return "true or false";
    case NodeType::number:
      return "a number";
    case NodeType::string:
      return "a string";
    case NodeType::array:
      return "a list";
    case NodeType::object:
      return "an object";
  }
  return "";
}

const Node* Node::find(std::string_view name) const {
  if (type != NodeType::object) return nullptr;
  for (const Node& child : children) {
    if (child.key == name) return &child;
  }
  return nullptr;
}

Node* Node::find(std::string_view name) {
  return const_cast<Node*>(static_cast<const Node*>(this)->find(name));
}

const Node& Node::get(std::string_view name) const {
  const Node* found = find(name);
  CHECK(found != nullptr, std::string(name));
  return *found;
}

Node string_node(std::string text, std::string key) {
  Node node;
  node.type = NodeType::string;
  node.text = std::move(text);
  node.key = std::move(key);
  return node;
}

std::optional<Node> parse(std::string_view text, Report& report) {
  if (text.size() > text_bytes_max) {
    report.add(Code::too_large, {1, 1, 1},
               "the file has more than " + std::to_string(text_bytes_max) + " bytes",
               {"is this a scenario?"});
    return {};
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    report.add(Code::not_json, {1, 1, 1}, "the file is empty", {"a scenario is one JSON object"});
    return {};
  }
  if (!encoding_holds(text, report)) return {};
  Builder builder(text, report);
  if (!Json::sax_parse(text, &builder)) return {};
  return builder.take();
}

void apply(const std::vector<Override>& overrides, Node& root, Report& report) {
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    apply_one(overrides[i], {0, static_cast<std::uint32_t>(i), 0}, root, report);
  }
}

std::string to_text(const Node& node) {
  std::string out;
  write(node, 0, 1, out);
  return out + "\n";
}

}  // namespace blackout::scenario
