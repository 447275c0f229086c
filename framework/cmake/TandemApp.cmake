# tandem_app(<name> SOURCES <file>… [PAGES <file>…] [ASSETS <file>…] [MIGRATIONS <file>…])
#
# One binary of an app: its sources, linked with tandem::framework, its pages and assets embedded. pages/index.html is served as `/`, pages/x.html as
# `/x`, an asset under its path, e.g. `/assets/app.css`. The app is found by Config::app_name = <name>.
include(${CMAKE_CURRENT_LIST_DIR}/TandemEmbed.cmake)

function(tandem_app name)
    cmake_parse_arguments(ARG "" "" "SOURCES;PAGES;ASSETS;MIGRATIONS" ${ARGN})
    if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_SOURCES)
        message(FATAL_ERROR "tandem_app(${name} SOURCES … PAGES … ASSETS … MIGRATIONS …): SOURCES is needed, and nothing else is known: ${ARG_UNPARSED_ARGUMENTS}")
    endif()
    set(resources "")
    foreach(page IN LISTS ARG_PAGES)
        get_filename_component(file ${page} ABSOLUTE)
        get_filename_component(stem ${page} NAME_WE)
        if(stem STREQUAL "index")
            set(stem "")
        endif()
        list(APPEND resources page "/${stem}" ${file})
    endforeach()
    foreach(asset IN LISTS ARG_ASSETS)
        get_filename_component(file ${asset} ABSOLUTE)
        list(APPEND resources asset "/${asset}" ${file})
    endforeach()

    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE tandem::framework)
    if(resources)
        string(MAKE_C_IDENTIFIER "${name}_resources" function)
        tandem_embed(${name} ${function} RESOURCES ${resources})
        # Registers the files before main().
        file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${function}_registration.cpp CONTENT
            "// Made by tandem_app().\nbool @function@();\nnamespace {\n[[maybe_unused]] const bool registered = @function@();\n}\n" @ONLY)
        target_sources(${name} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${function}_registration.cpp)
    endif()
    # An app of this repository is held to the repository's own warnings; a user's app is not.
    if(COMMAND tandem_own_flags AND CMAKE_SOURCE_DIR STREQUAL tandem_SOURCE_DIR)
        tandem_own_flags(${name})
    endif()
endfunction()
