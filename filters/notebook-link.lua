-- Every page leads to its executed notebook; the built-in renderer has the link in its frame.
function Pandoc(doc)
  if not (quarto and quarto.version and FORMAT:match("html")) then
    return nil
  end
  local name = pandoc.path.split_extension(pandoc.path.filename(quarto.doc.input_file))
  local target = (quarto.project.offset or ".") .. "/notebooks/" .. name .. ".ipynb"
  -- The notebook comes when all pages are there; Quarto is not to look for a source of that name now.
  local link = pandoc.Link("This page as an executed notebook", target, "", pandoc.Attr("", {}, { ["data-noresolveinput"] = "" }))
  doc.blocks:insert(pandoc.Div(pandoc.Para(link), pandoc.Attr("", { "notebook-link" })))
  return doc
end
