-- In the PDF, the numbers of headings, figures and tables change over where the appendices start: to letters, or to those of a
-- supplement, which has a title of its own (`supplement` in _quarto.yml).
-- Quarto puts a heading "Appendices" of its own before them, which the built-in renderer has not; it is left out.
if not quarto.doc.is_format("typst") then
  return {}
end

local title, prefix = "Appendix", ""

local function named(meta)
  if meta.supplement then
    title, prefix = pandoc.utils.stringify(meta.supplement.title), pandoc.utils.stringify(meta.supplement.prefix)
  end
end

local function start()
  local of = string.format("(title: %q, prefix: %q)", title, prefix)
  return (prefix ~= "" and string.format("#part-title(%q)\n", title) or "")
    .. string.format("#appendices.update(%s)\n#counter(heading).update(0)\n#set heading(numbering: appendix-numbering(%s))", of, of)
end

local function header(heading)
  local state = quarto.doc.file_metadata()
  if state == nil or state.file == nil or heading.level ~= 1 then
    return nil
  end
  local file = state.file
  if file.bookItemType ~= "appendix" or (file.bookItemNumber ~= nil and file.bookItemNumber ~= 1) then
    return nil
  end
  local block = pandoc.RawBlock("typst", start())
  return heading.classes:includes("unnumbered") and { block } or { block, heading }
end

return { { Meta = named }, quarto.utils.combineFilters({ quarto.utils.file_metadata_filter(), { Header = header } }) }
