# tandem_embed(<target> <function> RESOURCES <kind> <path> <file> …)
#
# Embeds files into a target and makes the C++ function `<function>()` that registers them for the app named after the target (or APP_NAME).
# `kind` is `page` or `asset`, `path` the request path. The bytes come in by the assembler's .incbin, which costs no compile time.
function(tandem_embed target function)
    cmake_parse_arguments(ARG "" "APP_NAME" "RESOURCES" ${ARGN})
    if(NOT ARG_APP_NAME)
        set(ARG_APP_NAME ${target})
    endif()
    set(blocks "")
    set(entries "")
    set(files "")
    list(LENGTH ARG_RESOURCES length)
    set(i 0)
    while(i LESS length)
        math(EXPR at "${i} + 1")
        math(EXPR file_at "${i} + 2")
        list(GET ARG_RESOURCES ${i} kind)
        list(GET ARG_RESOURCES ${at} path)
        list(GET ARG_RESOURCES ${file_at} file)
        set(symbol "tandem_${function}_${i}")
        string(APPEND blocks
            "asm(\".pushsection .rodata\\n\"\n"
            "    \"${symbol}_begin: .incbin \\\"${file}\\\"\\n\"\n"
            "    \"${symbol}_end: .byte 0\\n\"\n"
            "    \".global ${symbol}_begin, ${symbol}_end\\n.popsection\\n\");\n"
            "extern \"C\" const char ${symbol}_begin[];\nextern \"C\" const char ${symbol}_end[];\n")
        string(APPEND entries
            "        {tandem::Resource::Kind::${kind}, \"${path}\", \"${file}\", {${symbol}_begin, static_cast<std::size_t>(${symbol}_end - ${symbol}_begin)}},\n")
        list(APPEND files ${file})
        math(EXPR i "${i} + 3")
    endwhile()
    set(source ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "// Made by tandem_embed().
#include <cstddef>
#include <tandem/framework/resources.hpp>

@blocks@
bool ${function}();
bool ${function}() {
    static const bool registered = tandem::register_resources(\"@ARG_APP_NAME@\", {
@entries@    });
    return registered;
}
" @ONLY)
    set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${files}")
    target_sources(${target} PRIVATE ${source})
endfunction()
