// Makes a program of a page: page_to_program page.md page.cpp
//
// The page's C++ is compiled as it stands, and run. In a page,
//
//     ```cpp file          is declarations, for the rest of the page too; `int main()` in it is run first
//     ```cpp               is statements of a function that has `db`, a database with the page's tables, and `session`,
//                          a session of it that ends without commit; functions run in the order of the page
//     <!-- cpp … -->       are statements that the reader does not see, for data
//     <!-- check: a; b --> is what must hold at the end of the block before it
//
// Errors of the compiler and failed checks name the line of the page.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Block {
    std::size_t line = 0;  ///< of its first line of code
    std::string code{};
    std::vector<std::pair<std::size_t, std::string>> checks{};
};
struct Page {
    std::vector<std::string> includes{};
    std::vector<Block> declarations{};
    std::vector<Block> samples{};
    bool has_main = false;
};

[[noreturn]] void fail(const std::string& page, std::size_t line, const std::string& what) {
    std::cerr << page << ':' << line << ": " << what << '\n';
    std::exit(1);
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream in{text};
    for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
    return parts;
}

/// Reads the lines up to `end` as one block; those that include go to the page's head.
Block read_block(const std::string& name, const std::vector<std::string>& lines, std::size_t& at, const char* end,
    std::vector<std::string>& includes) {
    Block block{.line = at + 2};
    for (++at; at < lines.size() && lines[at] != end; ++at) {
        const bool include = lines[at].starts_with("#include");
        if (include) includes.push_back(lines[at]);
        block.code += (include ? "" : lines[at]) + '\n';
    }
    if (at == lines.size()) fail(name, block.line, "this block does not end");
    return block;
}

Page read(const std::string& name) {
    std::ifstream in{name};
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    Page page;
    constexpr std::string_view check = "<!-- check: ";
    for (std::size_t at = 0; at < lines.size(); ++at) {
        const std::string line = lines[at];
        if (line == "```cpp file") {
            Block block = read_block(name, lines, at, "```", page.includes);
            if (const auto main = block.code.find("int main()"); main != block.code.npos) {
                block.code.replace(main, 10, "int page_main()");
                page.has_main = true;
            }
            page.declarations.push_back(block);
        } else if (line == "```cpp") {
            page.samples.push_back(read_block(name, lines, at, "```", page.includes));
        } else if (line == "<!-- cpp") {
            page.samples.push_back(read_block(name, lines, at, "-->", page.includes));
        } else if (line.starts_with(check)) {
            if (!line.ends_with(" -->") || page.samples.empty()) fail(name, at + 1, "this check is of no block");
            for (const std::string& condition : split(line.substr(check.size(), line.size() - check.size() - 4), ';'))
                page.samples.back().checks.emplace_back(at + 1, condition);
        }
    }
    if (page.samples.empty() && page.declarations.empty()) fail(name, 1, "this page has no C++");
    return page;
}

void write(const Page& page, const std::string& name, std::ostream& out) {
    for (const std::string& include : page.includes) out << include << '\n';
    out << "#include <cstdlib>\n#include <exception>\n#include <iostream>\n"
           "#include <tandem/json.hpp>\n#include <tandem/orm.hpp>\n";
    for (const Block& block : page.declarations)
        out << "#line " << block.line << " \"" << name << "\"\n" << block.code << '\n';
    out << "static void page_check(bool holds, int line) {\n    if (holds) return;\n    std::cerr << \"" << name
        << ":\" << line << \": this does not hold\\n\";\n    std::exit(1);\n}\n";
    std::size_t number = 0;
    for (const Block& block : page.samples) {
        out << "static void sample_" << number++
            << "([[maybe_unused]] tandem::Database& db, [[maybe_unused]] tandem::Session& session) {\n"
            << "#line " << block.line << " \"" << name << "\"\n"
            << "{" << block.code;
        for (const auto& [line, condition] : block.checks)
            out << "#line " << line << " \"" << name << "\"\npage_check(" << condition << ", " << line << ");\n";
        out << "}}\n";
    }
    out << "int main() {\n";
    if (page.has_main) out << "    if (page_main() != 0) return 1;\n";
    out << "    tandem::Database db{\"sqlite://\"};\n    db.create_tables();\n";
    number = 0;
    for (const Block& block : page.samples)
        out << "    try {\n        auto session = db.session(tandem::write);\n        sample_" << number++
            << "(db, session);\n    } catch (const std::exception& error) {\n        std::cerr << \"" << name << ':'
            << block.line << ": \" << error.what() << '\\n';\n        return 1;\n    }\n";
    out << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 1;
    const Page page = read(argv[1]);
    std::ofstream out{argv[2]};
    write(page, argv[1], out);
}
