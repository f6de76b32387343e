#include <algorithm>
#include <iterator>
#include <utility>

#include "harness/scenario/causes.hpp"
#include "harness/scenario/draws.hpp"
#include "harness/scenario/lint.hpp"
#include "harness/scenario/resolve.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/scenario/structure.hpp"
#include "harness/scenario/topology.hpp"

namespace blackout::scenario {

Scenario::Scenario(std::shared_ptr<const Document> document) : document_(std::move(document)) {}
const std::string& Scenario::name() const { return document_->name; }
const std::string& Scenario::summary() const { return document_->summary; }
bool Scenario::generated() const { return document_->generated; }
const std::string& Scenario::undrawn() const { return document_->undrawn; }
const std::vector<std::string>& Scenario::seeds() const { return document_->seeds; }
const Diagnostics& Scenario::warnings() const { return document_->warnings; }
const Document& Scenario::document() const { return *document_; }

Result<Scenario, Diagnostics> load(const Source& source, const std::vector<Override>& overrides,
                                   const Vocabulary& known) {
  Report report(source.file, overrides);
  auto root = parse(source.text, report);
  if (!root) return failure(report.take());
  apply(overrides, *root, report);
  check_structure(*root, FileKind::scenario, report);
  const Places places(*root);
  check_world(*root, places, report);
  check_use(*root, places, report);
  check_faults(*root, places, report);
  check_promises(*root, places, report);
  check_limits(*root, places, report);
  check_names(*root, known, report);
  embed_round_trips(source, places, *root, report);
  const bool refused = report.has_errors();
  Diagnostics diagnostics = report.take();
  if (refused) return failure(std::move(diagnostics));

  auto document = std::make_shared<Document>();
  document->name = root->get("name").text;
  document->summary = root->get("summary").text;
  document->generated = root->get("faults").find("generate") != nullptr;
  document->undrawn = first_undrawn(*root).value_or("");
  if (const Node* seeds = root->find("seeds")) {
    for (const Node& seed : seeds->children) document->seeds.push_back(seed.text);
  }
  document->root = std::move(*root);
  document->warnings = std::move(diagnostics);
  return Scenario(std::move(document));
}

namespace {

// A plan runs with the seed it was drawn from.
void keep_seed(Node& root, std::uint64_t seed) {
  Node* seeds = root.find("seeds");
  if (seeds == nullptr) {
    Node list;
    list.type = NodeType::array;
    list.key = "seeds";
    seeds = &root.children.emplace_back(std::move(list));
  }
  seeds->children = {string_node(record::seed_text(seed))};
}

}  // namespace

Plan draw(const Scenario& scenario, std::uint64_t seed, Strategy strategy) {
  const random::Key key = random::Key(seed).child("scenario");
  Node root = scenario.document().root;
  replace_draws(root, key);
  std::vector<Node> brought = take_consequences(root, key.child("chance"));
  replace_generator(root, Places(root), key.child("faults"), strategy, brought);
  std::vector<Node>& faults = root.find("faults")->children;
  std::move(brought.begin(), brought.end(), std::back_inserter(faults));
  keep_seed(root, seed);
  return resolve(root, seed);
}

}  // namespace blackout::scenario
