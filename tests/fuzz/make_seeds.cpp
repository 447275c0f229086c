// Writes the seeds that fuzzing starts from: FOLDER/row and FOLDER/sql.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

void write(const std::filesystem::path& folder, const std::vector<std::string>& seeds) {
    std::filesystem::create_directories(folder);
    for (std::size_t i = 0; i < seeds.size(); ++i)
        std::ofstream{folder / std::to_string(i), std::ios::binary} << seeds[i];
}

/// A value of row_fuzz.cpp: its kind, the length of what follows, that.
std::string value(char kind, const std::string& bytes) {
    return std::string(1, kind) + std::string(1, static_cast<char>(bytes.size())) + bytes;
}

std::vector<std::string> rows() {
    std::string numbers;
    std::string texts;
    std::string times;
    std::string mixed;
    for (int i = 0; i < 24; ++i) {
        numbers += value(1, std::string(8, static_cast<char>(i == 0 ? 1 : 0)));
        texts += value(3, "text " + std::to_string(i));
        times += value(3, "2026-01-31 23:59:59.12345" + std::to_string(i % 10));
        mixed += value(static_cast<char>(i % 5), "2026-01-31T23:59:59Z");
    }
    return {"", numbers, texts, times, mixed};
}

std::vector<std::string> statements() {
    return {"SELECT * FROM user WHERE username = :username AND id > :id",
        "INSERT INTO user (username) VALUES (:a), (:b)",
        "UPDATE account SET password_hash = :password_hash WHERE id IN (SELECT value FROM json_each(?))",
        "-- comment\nSELECT ':a', \"b:c\", [d:e], `f` /* :g */ FROM t WHERE x::y = ?1 AND z = @z OR $w",
        " ;\v\f COMMIT",
        "\xEF\xBB\xBF"
        "BEGIN",
        "/* a */ ROLLBACK TO x", "WITH r AS (SELECT 1) SELECT * FROM r; SELECT 2", "SAVEPOINT a", "ATTACH 'x' AS y",
        "EXPLAIN COMMIT", "SELECT 'ż' || x'00ff' || 1e400", "pragma foreign_keys"};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 1;
    write(std::filesystem::path{argv[1]} / "row", rows());
    write(std::filesystem::path{argv[1]} / "sql", statements());
}
