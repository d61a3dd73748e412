-- Pandoc's Word writer takes an image's alternative text from its caption, which Quarto leaves empty.
function Image(image)
  local alt = image.attributes["fig-alt"] or image.attributes["alt"]
  if not (quarto and quarto.version and FORMAT:match("docx") and alt and alt ~= "") then
    return nil -- the built-in renderer does this itself
  end
  image.caption = pandoc.Inlines(alt)
  image.attributes["fig-alt"], image.attributes["alt"] = nil, nil
  return image
end
