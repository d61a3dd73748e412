-- In the PDF, appendices have letters: where they start, the numbers of headings, figures and tables change over.
-- Quarto puts a heading "Appendices" of its own before them, which the built-in renderer has not; it is left out.
local start = '#in-appendix.update(true)\n#counter(heading).update(0)\n#set heading(numbering: "A.1")'

local function header(heading)
  local state = quarto.doc.file_metadata()
  if not quarto.doc.is_format("typst") or state == nil or state.file == nil or heading.level ~= 1 then
    return nil
  end
  local file = state.file
  if file.bookItemType ~= "appendix" or (file.bookItemNumber ~= nil and file.bookItemNumber ~= 1) then
    return nil
  end
  local block = pandoc.RawBlock("typst", start)
  return heading.classes:includes("unnumbered") and { block } or { block, heading }
end

return quarto.utils.combineFilters({ quarto.utils.file_metadata_filter(), { Header = header } })
