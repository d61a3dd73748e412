-- On the website a printed result leads to its entry in the pages of results; in print it is text alone. What is assumed, in a
-- reconstructed data cut, has a dotted line in every format.
local function dotted(content)
  if FORMAT:match("typst") then
    content:insert(1, pandoc.RawInline("typst", "#assumed["))
    content:insert(pandoc.RawInline("typst", "]"))
    return content
  end
  if FORMAT:match("docx") then
    return pandoc.Span(content, pandoc.Attr("", {}, { ["custom-style"] = "Assumed" }))
  end
  return content
end

function Span(span)
  local assumed = span.classes:includes("assumed")
  local id = span.classes:includes("result") and (span.attributes["data-result"] or span.attributes["result"])
  if not id then
    return assumed and not FORMAT:match("html") and dotted(span.content) or nil
  end
  if not FORMAT:match("html") then
    return assumed and dotted(span.content) or span.content
  end
  local variable = id:match("^[^.]+%.[^.]+")
  local target = (quarto.project.offset or ".") .. "/results/" .. variable .. ".html#" .. id
  local classes = assumed and { "result", "assumed" } or { "result" }
  return pandoc.Link(span.content, target, span.attributes["title"], pandoc.Attr("", classes))
end
